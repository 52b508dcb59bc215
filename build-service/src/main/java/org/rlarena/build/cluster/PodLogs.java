package org.rlarena.build.cluster;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.URLUtils;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.rlarena.build.log.BuildLog;

/**
 * Follows what the containers of a Job print into the build's log, while it is printed. A stream
 * that breaks is taken up again behind the last line that arrived: lines carry the machine's time.
 */
final class PodLogs implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(PodLogs.class);
  private static final int MAX_LINE = 8192;
  // far more than is kept, which the build's log sees to; spares the network an endless flood
  private static final int MAX_BYTES = 4 << 20;
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);
  // between a line's time and its chunk's time lie the stream and a second of gathering
  private static final Duration OVERLAP = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final String namespace;
  private final BuildLog log;
  private final Instant since;
  private final Map<String, Follower> followers = new LinkedHashMap<>();

  /**
   * @param resumed whether a run before this one may have followed the same Job
   */
  PodLogs(KubernetesClient client, String namespace, BuildLog log, boolean resumed) {
    this.client = client;
    this.namespace = namespace;
    this.log = log;
    this.since =
        resumed
            ? log.earlierUntil().map(until -> until.minus(OVERLAP)).orElse(Instant.EPOCH)
            : Instant.EPOCH;
  }

  /** Starts following every container that has started and is not followed. */
  void follow(List<Pod> pods) {
    for (Pod pod : pods) {
      JobState.statuses(pod)
          .filter(status -> status.getState() != null)
          .filter(
              status ->
                  status.getState().getRunning() != null
                      || status.getState().getTerminated() != null)
          .forEach(status -> follower(pod, status).follow());
    }
  }

  private Follower follower(Pod pod, ContainerStatus status) {
    String name = pod.getMetadata().getName();
    Follower follower =
        followers.computeIfAbsent(
            name + "/" + status.getName(), _ -> new Follower(name, status.getName()));
    follower.terminated = status.getState().getTerminated() != null;
    return follower;
  }

  /**
   * Waits a little for what the containers that have ended printed last. What is still open then is
   * read to its end without being kept: to break it off would break its connection, which by then
   * may be somebody else's, whose call would fail.
   */
  @Override
  public void close() {
    long end = System.nanoTime() + LAST_WORDS.toNanos();
    followers.values().forEach(follower -> follower.finish(end));
  }

  private final class Follower {

    private final String pod;
    private final String container;
    private volatile boolean terminated;
    private volatile boolean complete;
    private volatile boolean unwanted;
    private Instant last = since;
    private Thread thread;

    Follower(String pod, String container) {
      this.pod = pod;
      this.container = container;
    }

    void follow() {
      if (!complete && (thread == null || !thread.isAlive())) {
        thread = Thread.ofVirtual().name("log-" + pod + "-" + container).start(this::read);
      }
    }

    void finish(long end) {
      try {
        if (thread != null && terminated) {
          thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      unwanted = true;
    }

    private void read() {
      boolean ended = terminated;
      try {
        Reader lines = new BufferedReader(new InputStreamReader(open(), StandardCharsets.UTF_8));
        for (String line = line(lines); line != null; line = line(lines)) {
          take(line);
        }
        // what follows the end of a container that still ran may not have been sent
        complete = ended;
      } catch (IOException | RuntimeException e) {
        LOG.debugf("Log broke off, pod=%s container=%s: %s", pod, container, e);
      }
    }

    /** Asked for without the client's own call, which first waits for the pod to be ready. */
    private InputStream open() throws IOException {
      String since =
          last.equals(Instant.EPOCH)
              ? ""
              // the server takes whole seconds
              : "&sinceTime=" + last.truncatedTo(ChronoUnit.SECONDS);
      String path =
          "api/v1/namespaces/%s/pods/%s/log?container=%s&follow=true&timestamps=true&limitBytes=%d%s"
              .formatted(namespace, pod, container, MAX_BYTES, since);
      HttpClient http = client.getHttpClient();
      HttpRequest request =
          http.newHttpRequestBuilder()
              .uri(URI.create(URLUtils.join(client.getMasterUrl().toString(), path)))
              .build();
      HttpResponse<InputStream> answer =
          http.sendAsync(request, InputStream.class)
              .orTimeout(ANSWER_LIMIT.toSeconds(), TimeUnit.SECONDS)
              .join();
      if (answer.code() != HttpURLConnection.HTTP_OK) {
        // read, not closed: that would break a connection that others wait for
        answer.body().readAllBytes();
        throw new IOException("status " + answer.code());
      }
      return answer.body();
    }

    private void take(String stamped) {
      int space = stamped.indexOf(' ');
      Instant at = space < 0 ? null : time(stamped.substring(0, space));
      // times were asked for: what has none is not from the container
      if (!unwanted && at != null && at.isAfter(last)) {
        last = at;
        log.output(stamped.substring(space + 1));
      }
    }
  }

  private static Instant time(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** The next line, cut where it is longer than any that is kept; null at the end. */
  private static String line(Reader reader) throws IOException {
    StringBuilder line = new StringBuilder();
    int c = reader.read();
    if (c < 0) {
      return null;
    }
    for (; c >= 0 && c != '\n'; c = reader.read()) {
      if (line.length() < MAX_LINE) {
        line.append((char) c);
      }
    }
    return line.toString();
  }
}
