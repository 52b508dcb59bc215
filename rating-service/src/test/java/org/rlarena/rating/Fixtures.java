package org.rlarena.rating;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

/** Neighbours' events, made from the published examples, and the agents that occur in them. */
public final class Fixtures {

  private Fixtures() {}

  /** An agent with its owner and version. */
  public record Agent(UUID id, UUID ownerId, UUID submissionId, String name) {
    public static Agent named(String name) {
      return ownedBy(UUID.randomUUID(), name);
    }

    public static Agent ownedBy(UUID ownerId, String name) {
      return new Agent(UUID.randomUUID(), ownerId, UUID.randomUUID(), name);
    }
  }

  /** A rated match; ranks in seat order. */
  public static ObjectNode finished(
      UUID matchId, String environmentId, Agent one, int rankOne, Agent two, int rankTwo) {
    ObjectNode match = Contract.exampleNode("match.finished.v1");
    match.put("matchId", matchId.toString()).put("environmentId", environmentId);
    match.put("outcome", rankOne == rankTwo ? "draw" : "win");
    if (rankOne == rankTwo) {
      match.putNull("winnerAgentId");
    } else {
      match.put("winnerAgentId", (rankOne < rankTwo ? one : two).id().toString());
    }
    seat(match, 0, one).put("rank", rankOne);
    seat(match, 1, two).put("rank", rankTwo);
    return match;
  }

  public static ObjectNode won(String environmentId, Agent winner, Agent loser) {
    return finished(UUID.randomUUID(), environmentId, winner, 1, loser, 2);
  }

  public static ObjectNode drawn(String environmentId, Agent one, Agent two) {
    return finished(UUID.randomUUID(), environmentId, one, 1, two, 1);
  }

  private static ObjectNode seat(ObjectNode match, int seat, Agent agent) {
    return ((ObjectNode) match.get("participants").get(seat))
        .put("agentId", agent.id().toString())
        .put("agentName", agent.name())
        .put("ownerId", agent.ownerId().toString())
        .put("submissionId", agent.submissionId().toString());
  }

  public static String publishFinished(Events events, ObjectNode match) {
    return events.publish(
        "match.finished",
        match.get("matchId").asText(),
        "org.rlarena.match.finished.v1",
        match.toString());
  }

  /** The event with which this service answers a rated match. */
  public static ReceivedEvent awaitRated(Events events, JsonNode match) {
    return events.await(
        "rating.changed",
        event -> event.data().path("matchId").asText().equals(match.get("matchId").asText()));
  }

  public static ObjectNode changed(Agent agent, String environmentId, long sequence) {
    return Contract.exampleNode("agent.changed.v1")
        .put("agentId", agent.id().toString())
        .put("ownerId", agent.ownerId().toString())
        .put("name", agent.name())
        .put("environmentId", environmentId)
        .put("sequence", sequence);
  }

  public static void publishChanged(
      Events events, Agent agent, String environmentId, long sequence) {
    events.publish(
        "agent.changed",
        agent.id().toString(),
        "org.rlarena.agent.changed.v1",
        changed(agent, environmentId, sequence).toString());
  }

  public static void publishDeleted(Events events, Agent agent, long sequence) {
    events.publish(
        "agent.changed",
        agent.id().toString(),
        "org.rlarena.agent.deleted.v1",
        Contract.exampleNode("agent.deleted.v1")
            .put("agentId", agent.id().toString())
            .put("sequence", sequence)
            .toString());
  }

  public static void publishActivated(
      Events events, Agent agent, String environment, long sequence) {
    events.publish(
        "submission.activated",
        agent.id().toString(),
        "org.rlarena.submission.activated.v1",
        Contract.exampleNode("submission.activated.v1")
            .put("agentId", agent.id().toString())
            .put("agentName", agent.name())
            .put("ownerId", agent.ownerId().toString())
            .put("environmentId", environment)
            .put("submissionId", agent.submissionId().toString())
            .put("sequence", sequence)
            .toString());
  }

  public static void publishDeactivated(Events events, Agent agent, long sequence) {
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

  public static void publishUser(Events events, UUID userId, String username, long sequence) {
    events.publish(
        "user.changed",
        userId.toString(),
        "org.rlarena.user.changed.v1",
        Contract.exampleNode("user.changed.v1")
            .put("userId", userId.toString())
            .put("username", username)
            .put("sequence", sequence)
            .toString());
  }

  public static void publishUserDeleted(Events events, UUID userId, long sequence) {
    events.publish(
        "user.changed",
        userId.toString(),
        "org.rlarena.user.deleted.v1",
        Contract.exampleNode("user.deleted.v1")
            .put("userId", userId.toString())
            .put("sequence", sequence)
            .toString());
  }

  /** A slug that no other test uses. */
  public static String environment() {
    return "env-" + UUID.randomUUID().toString().substring(0, 8);
  }
}
