package org.rlarena.matchmaking;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

/** The neighbours of matchmaking in tests: what they publish, made from the published examples. */
public final class Neighbours implements AutoCloseable {

  /** An agent with its owner and version. */
  public record Agent(UUID id, UUID ownerId, UUID submissionId, String name) {
    public static Agent named(String name) {
      return ownedBy(UUID.randomUUID(), name);
    }

    public static Agent ownedBy(UUID ownerId, String name) {
      return new Agent(UUID.randomUUID(), ownerId, UUID.randomUUID(), name);
    }

    public Agent withNewVersion() {
      return new Agent(id, ownerId, UUID.randomUUID(), name);
    }
  }

  public final Events events = Events.connect();

  /** A slug that no other test uses. */
  public final String environment = "env-" + UUID.randomUUID().toString().substring(0, 8);

  @Override
  public void close() {
    events.close();
  }

  /** The environment is switched on and an executor plays it. */
  public void openEnvironment() {
    environment(1, true, true);
  }

  public void environment(long sequence, boolean enabled, boolean offered) {
    events.publish(
        "environment.changed",
        environment,
        "org.rlarena.environment.changed.v1",
        Contract.exampleNode("environment.changed.v1")
            .put("environmentId", environment)
            .put("sequence", sequence)
            .put("enabled", enabled)
            .put("offered", offered)
            .toString());
  }

  /** Creates the agent and activates its version. */
  public void enter(Agent agent) {
    changed(agent, 1, true);
    activated(agent, 1);
  }

  public void changed(Agent agent, long sequence, boolean enabled) {
    events.publish(
        "agent.changed",
        agent.id().toString(),
        "org.rlarena.agent.changed.v1",
        Contract.exampleNode("agent.changed.v1")
            .put("agentId", agent.id().toString())
            .put("ownerId", agent.ownerId().toString())
            .put("name", agent.name())
            .put("environmentId", environment)
            .put("enabled", enabled)
            .put("sequence", sequence)
            .toString());
  }

  public void deleted(Agent agent, long sequence) {
    events.publish(
        "agent.changed",
        agent.id().toString(),
        "org.rlarena.agent.deleted.v1",
        Contract.exampleNode("agent.deleted.v1")
            .put("agentId", agent.id().toString())
            .put("sequence", sequence)
            .toString());
  }

  public void activated(Agent agent, long sequence) {
    events.publish(
        "submission.activated",
        agent.id().toString(),
        "org.rlarena.submission.activated.v1",
        activation(agent, sequence).toString());
  }

  public ObjectNode activation(Agent agent, long sequence) {
    return Contract.exampleNode("submission.activated.v1")
        .put("agentId", agent.id().toString())
        .put("agentName", agent.name())
        .put("ownerId", agent.ownerId().toString())
        .put("environmentId", environment)
        .put("submissionId", agent.submissionId().toString())
        .put("sequence", sequence);
  }

  public void deactivated(Agent agent, long sequence) {
    events.publish(
        "submission.activated",
        agent.id().toString(),
        "org.rlarena.submission.deactivated.v1",
        Contract.exampleNode("submission.deactivated.v1")
            .put("agentId", agent.id().toString())
            .put("submissionId", agent.submissionId().toString())
            .put("sequence", sequence)
            .toString());
  }

  public void rated(Agent one, int ratingOne, Agent two, int ratingTwo, long sequence) {
    ObjectNode event = Contract.exampleNode("rating.changed.v1").put("environmentId", environment);
    change(event, 0, one, ratingOne, sequence);
    change(event, 1, two, ratingTwo, sequence);
    events.publish(
        "rating.changed", environment, "org.rlarena.rating.changed.v1", event.toString());
  }

  private static void change(ObjectNode event, int seat, Agent agent, int after, long sequence) {
    ((ObjectNode) event.get("changes").get(seat))
        .put("agentId", agent.id().toString())
        .put("ownerId", agent.ownerId().toString())
        .put("after", after)
        .put("sequence", sequence);
  }

  /** The end of a match that was asked for. */
  public String ended(ReceivedEvent request, String type, Instant at) {
    return events.publish(
        "match.finished", request.key(), "org.rlarena." + type, end(request, type, at).toString());
  }

  public ObjectNode end(ReceivedEvent request, String type, Instant at) {
    return Contract.exampleNode(type)
        .put("matchId", request.key())
        .put("environmentId", environment)
        .put("finishedAt", at.toString());
  }

  /** Waits for the next request with these agents that is none of the given ones. */
  public ReceivedEvent awaitRequest(Agent one, Agent two, ReceivedEvent... known) {
    return awaitRequest(request -> agents(request).containsAll(List.of(one.id(), two.id())), known);
  }

  public ReceivedEvent awaitRequest(Predicate<ReceivedEvent> wanted, ReceivedEvent... known) {
    List<String> ids = List.of(known).stream().map(ReceivedEvent::id).toList();
    return events.await(
        "match.requested",
        request -> isHere(request) && wanted.test(request) && !ids.contains(request.id()));
  }

  /** All requests in this test's environment so far. */
  public List<ReceivedEvent> requests() {
    return events.on("match.requested").stream().filter(this::isHere).toList();
  }

  private boolean isHere(ReceivedEvent request) {
    return request.data().get("environmentId").asText().equals(environment);
  }

  /** The agents of a request in seat order. */
  public static List<UUID> agents(ReceivedEvent request) {
    return StreamSupport.stream(request.data().get("seats").spliterator(), false)
        .map(seat -> UUID.fromString(seat.get("agentId").asText()))
        .toList();
  }
}
