package org.rlarena.gateway.live;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.rlarena.gateway.bus.BusEvent;
import org.rlarena.gateway.bus.BusListener;

/**
 * How builds go, for the agent's owner alone. build-service's events name the agent only, so owners
 * are learnt from {@code agent.changed} and {@code submission.created}; an event that comes before
 * its agent waits for it.
 */
@ApplicationScoped
class BuildUpdates implements BusListener {

  private static final String AGENT_CHANGED = "org.rlarena.agent.changed.v1";
  private static final String AGENT_DELETED = "org.rlarena.agent.deleted.v1";
  private static final String CREATED = "org.rlarena.submission.created.v1";
  private static final String REBUILD = "org.rlarena.submission.rebuild-requested.v1";
  private static final String PROGRESSED = "org.rlarena.build.progressed.v1";
  private static final String SUCCEEDED = "org.rlarena.submission.build-succeeded.v1";
  private static final String FAILED = "org.rlarena.submission.build-failed.v1";
  private static final String SCAN_BLOCKED = "org.rlarena.submission.scan-blocked.v1";
  private static final String BLOCKED_REASON = "blocked_by_scan";
  private static final String ACTIVATED = "org.rlarena.submission.activated.v1";

  private static final int MOST_WAITING = 1000;

  private final ObjectMapper json;
  private final Hub hub;
  private final BuildLogs logs;
  private final Map<UUID, UUID> owners = new HashMap<>();
  private final Bounded<UUID, List<Runnable>> waiting = new Bounded<>(MOST_WAITING);

  BuildUpdates(ObjectMapper json, Hub hub, BuildLogs logs) {
    this.json = json;
    this.hub = hub;
    this.logs = logs;
  }

  @Override
  public Map<String, Start> topics() {
    return Map.of(
        "agent.changed", Start.BEGINNING,
        "submission.created", Start.RECENT,
        "build.progress", Start.RECENT,
        "submission.built", Start.RECENT,
        "submission.activated", Start.RECENT);
  }

  @Override
  public void on(BusEvent event) throws IOException {
    switch (event.type()) {
      case AGENT_CHANGED -> {
        BuildEvent agent = read(event);
        owned(agent.agentId, agent.ownerId);
      }
      case AGENT_DELETED -> owners.remove(read(event).agentId);
      case CREATED, REBUILD -> {
        BuildEvent build = read(event);
        owned(build.agentId, build.ownerId);
        publish(event, build, "pending");
      }
      case PROGRESSED -> {
        BuildEvent build = read(event);
        publish(event, build, build.step);
        withOwner(build.agentId, () -> logs.runs(build.submissionId, owners.get(build.agentId)));
      }
      case SUCCEEDED -> {
        BuildEvent build = read(event);
        publish(event, build, "built");
        logs.over(build.submissionId);
      }
      case FAILED -> {
        BuildEvent build = read(event);
        publish(event, build, "build_failed");
        logs.over(build.submissionId);
      }
      case SCAN_BLOCKED -> publish(event, read(event).blocked(), "build_failed");
      case ACTIVATED -> {
        BuildEvent build = read(event);
        owned(build.agentId, build.ownerId);
        publish(event, build, "active");
      }
      default -> {
        // a fact that clients are not told
      }
    }
  }

  private BuildEvent read(BusEvent event) throws IOException {
    return json.readValue(event.data(), BuildEvent.class);
  }

  private void owned(UUID agentId, UUID ownerId) {
    owners.put(agentId, ownerId);
    List<Runnable> late = waiting.remove(agentId);
    if (late != null) {
      late.forEach(Runnable::run);
    }
  }

  private void withOwner(UUID agentId, Runnable action) {
    if (owners.containsKey(agentId)) {
      action.run();
    } else {
      waiting.computeIfAbsent(agentId, id -> new ArrayList<>()).add(action);
    }
  }

  private void publish(BusEvent event, BuildEvent build, String status) {
    withOwner(
        build.agentId,
        () ->
            hub.publish(
                new Draft(
                    Position.of(event),
                    "build_status",
                    BuildUpdate.of(build, status),
                    Set.of(Topic.user(owners.get(build.agentId))))));
  }

  /** What is read of the events of agents, submissions and builds; what one lacks is null. */
  @RegisterForReflection
  record BuildEvent(
      UUID submissionId,
      UUID agentId,
      UUID ownerId,
      Integer version,
      Integer attempt,
      String step,
      String reason,
      String message,
      String scan,
      JsonNode vulnerabilities,
      String imageDigest) {

    /** A version that a new scan blocks is told of like one that its build's scan blocks. */
    BuildEvent blocked() {
      return new BuildEvent(
          submissionId,
          agentId,
          ownerId,
          version,
          attempt,
          step,
          BLOCKED_REASON,
          message,
          "blocked",
          vulnerabilities,
          imageDigest);
    }
  }

  /**
   * Payload of {@code build_status}.
   *
   * @param status pending, building, validating, scanning, built, build_failed or active
   * @param message what the author has to mend, when the build failed
   * @param reason the same for programs
   * @param vulnerabilities counts by severity, where a scanner has judged
   * @param imageUrl left out unless an image was built
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record BuildUpdate(
      UUID submissionId,
      UUID agentId,
      String status,
      Integer version,
      Integer attempt,
      String message,
      String reason,
      String scan,
      JsonNode vulnerabilities,
      String imageUrl) {

    static BuildUpdate of(BuildEvent build, String status) {
      return new BuildUpdate(
          build.submissionId,
          build.agentId,
          status,
          build.version,
          build.attempt,
          build.message,
          build.reason,
          build.scan,
          build.vulnerabilities,
          build.imageDigest);
    }
  }
}
