package org.rlarena.gateway.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.Upstreams;

/**
 * Lines of running builds for owners who listen. They are asked of build-service with a token of
 * the owner, who is then told what was added; so build-service alone decides who may read them, and
 * nobody asks while nobody listens. Thread-safe.
 */
@ApplicationScoped
class BuildLogs {

  private static final int MOST_RUNNING = 1000;
  private static final int CHUNK = 16 * 1024;
  private static final int LAST_TRIES = 5;

  /** Longer than any build; after that its end was missed. */
  private static final long LONGEST_NANOS = Duration.ofMinutes(60).toNanos();

  private final Hub hub;
  private final Upstreams upstreams;
  private final ObjectMapper json;
  private final Duration timeout;
  private final Vertx vertx;
  private final long timer;
  private final Bounded<UUID, Running> running = new Bounded<>(MOST_RUNNING);

  BuildLogs(Hub hub, Upstreams upstreams, ObjectMapper json, GatewayConfig config, Vertx vertx) {
    this.hub = hub;
    this.upstreams = upstreams;
    this.json = json;
    this.timeout = config.partTimeout();
    this.vertx = vertx;
    this.timer = vertx.setPeriodic(config.live().logInterval().toMillis(), tick -> askAll());
  }

  void stop(@Observes ShutdownEvent event) {
    vertx.cancelTimer(timer);
  }

  /** A build has begun or gone on. */
  synchronized void runs(UUID submissionId, UUID ownerId) {
    Running build = running.computeIfAbsent(submissionId, id -> new Running(id, ownerId));
    build.over = false;
    build.since = System.nanoTime();
  }

  /** A build has ended: what it wrote last is still to be sent. */
  synchronized void over(UUID submissionId) {
    Running build = running.get(submissionId);
    if (build != null) {
      build.over = true;
      build.triesLeft = LAST_TRIES;
    }
  }

  private void askAll() {
    List<Running> all;
    synchronized (this) {
      running.values().removeIf(build -> System.nanoTime() - build.since > LONGEST_NANOS);
      all = List.copyOf(running.values());
    }
    all.forEach(this::ask);
  }

  private void ask(Running build) {
    Optional<String> token = hub.tokenOf(build.ownerId);
    boolean last;
    long offset;
    synchronized (this) {
      if (build.over && (token.isEmpty() || build.triesLeft-- <= 0)) {
        running.remove(build.submissionId);
        return;
      }
      if (build.asking || token.isEmpty()) {
        return;
      }
      build.asking = true;
      last = build.over;
      offset = build.offset;
    }
    upstreams
        .fetch(
            Service.BUILD,
            "/api/v1/submissions/" + build.submissionId + "/build-logs?offset=" + offset,
            Map.of("Authorization", "Bearer " + token.get()),
            timeout)
        .onComplete(answer -> answered(build, last, answer.succeeded() ? answer.result() : null));
  }

  private synchronized void answered(Running build, boolean last, Upstreams.Answer answer) {
    build.asking = false;
    if (answer == null || answer.status() != 200) {
      return; // asked again with the next tick
    }
    try {
      Log log = json.readValue(answer.body().getBytes(), Log.class);
      if (log.buildLog != null && !log.buildLog.isEmpty()) {
        long at = log.nextOffset - log.buildLog.length();
        for (int from = 0; from < log.buildLog.length(); ) {
          int to = end(log.buildLog, from);
          hub.whisper(
              build.ownerId,
              "build_log",
              new Lines(
                  build.submissionId,
                  log.attempt,
                  at + from,
                  log.buildLog.substring(from, to),
                  at + to));
          from = to;
        }
        build.offset = log.nextOffset;
      }
    } catch (IOException e) {
      return;
    }
    if (last) {
      running.remove(build.submissionId);
    }
  }

  /** Where a chunk ends: not between the halves of a character. */
  private static int end(String text, int from) {
    int to = Math.min(text.length(), from + CHUNK);
    return to < text.length() && Character.isHighSurrogate(text.charAt(to - 1)) ? to - 1 : to;
  }

  private static final class Running {
    private final UUID submissionId;
    private final UUID ownerId;
    private long offset;
    private long since;
    private boolean asking;
    private boolean over;
    private int triesLeft;

    Running(UUID submissionId, UUID ownerId) {
      this.submissionId = submissionId;
      this.ownerId = ownerId;
    }
  }

  /** What is read of build-service's answer. */
  @RegisterForReflection
  record Log(String buildLog, int attempt, long nextOffset) {}

  /**
   * Payload of {@code build_log}.
   *
   * @param offset characters before this text in the whole log
   * @param nextOffset characters before the next text
   */
  @RegisterForReflection
  record Lines(UUID submissionId, int attempt, long offset, String text, long nextOffset) {}
}
