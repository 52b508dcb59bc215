package org.rlarena.gateway.live;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.UUID;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;

/** The other services' events about one match between two agents of two users, and one build. */
final class Facts {

  final UUID ada = UUID.randomUUID();
  final UUID bob = UUID.randomUUID();
  final UUID left = UUID.randomUUID();
  final UUID right = UUID.randomUUID();
  final UUID match = UUID.randomUUID();
  final UUID submission = UUID.randomUUID();

  /** An environment of its own, so that tests do not hear each other. */
  final String environment = "env-" + UUID.randomUUID().toString().substring(0, 8);

  private final Events events;

  Facts(Events events) {
    this.events = events;
  }

  void created() {
    publishMatch("match.created", "match.created.v1", true);
  }

  void started() {
    publishMatch("match.started", "match.started.v1", true);
  }

  void finished(boolean rated) {
    publishMatch("match.finished", "match.finished.v1", rated);
  }

  void failed() {
    publishMatch("match.finished", "match.failed.v1", true);
  }

  void rated() {
    ObjectNode event = Contract.exampleNode("rating.changed.v1");
    event.put("matchId", match.toString()).put("environmentId", environment);
    setSides(event, "changes");
    publish("rating.changed", environment, "rating.changed.v1", event);
  }

  void agentExists() {
    ObjectNode event = Contract.exampleNode("agent.changed.v1");
    event.put("agentId", left.toString()).put("ownerId", ada.toString());
    publish("agent.changed", left.toString(), "agent.changed.v1", event);
  }

  void uploaded() {
    ObjectNode event = ofBuild("submission.created.v1");
    event.put("ownerId", ada.toString());
    publish("submission.created", left.toString(), "submission.created.v1", event);
  }

  void progressed(String step) {
    publish(
        "build.progress",
        left.toString(),
        "build.progressed.v1",
        ofBuild("build.progressed.v1").put("step", step));
  }

  void built() {
    publish(
        "submission.built",
        left.toString(),
        "submission.build-succeeded.v1",
        ofBuild("submission.build-succeeded.v1"));
  }

  void scanBlocked() {
    publish(
        "submission.built",
        left.toString(),
        "submission.scan-blocked.v1",
        ofBuild("submission.scan-blocked.v1"));
  }

  void buildFailed() {
    publish(
        "submission.built",
        left.toString(),
        "submission.build-failed.v1",
        ofBuild("submission.build-failed.v1"));
  }

  void activated() {
    ObjectNode event = ofBuild("submission.activated.v1");
    event.put("ownerId", ada.toString()).put("environmentId", environment);
    publish("submission.activated", left.toString(), "submission.activated.v1", event);
  }

  void user(UUID id, String status, long sequence, String loggedOut) {
    ObjectNode event = Contract.exampleNode("user.changed.v1");
    event.put("userId", id.toString()).put("status", status).put("sequence", sequence);
    event.put("tokensValidFrom", "2026-01-01T00:00:00Z");
    ((ObjectNode) event.get("loggedOutTokens").get(0)).put("jti", loggedOut);
    publish("user.changed", id.toString(), "user.changed.v1", event);
  }

  void userDeleted(UUID id) {
    ObjectNode event = Contract.exampleNode("user.deleted.v1").put("userId", id.toString());
    publish("user.changed", id.toString(), "user.deleted.v1", event);
  }

  private void publishMatch(String topic, String type, boolean rated) {
    ObjectNode event = Contract.exampleNode(type);
    event.put("matchId", match.toString()).put("environmentId", environment);
    setSides(event, "participants");
    if (event.has("rated")) {
      event.put("rated", rated);
    }
    if (event.has("winnerAgentId")) {
      event.put("winnerAgentId", left.toString());
    }
    publish(topic, match.toString(), type, event);
  }

  private void setSides(ObjectNode event, String member) {
    ((ObjectNode) event.get(member).get(0))
        .put("agentId", left.toString())
        .put("ownerId", ada.toString());
    ((ObjectNode) event.get(member).get(1))
        .put("agentId", right.toString())
        .put("ownerId", bob.toString());
  }

  private ObjectNode ofBuild(String type) {
    return Contract.exampleNode(type)
        .put("submissionId", submission.toString())
        .put("agentId", left.toString());
  }

  private void publish(String topic, String key, String type, ObjectNode event) {
    Contract.assertMatches(type, event.toString());
    events.publish(topic, key, "org.rlarena." + type, event.toString());
  }
}
