package org.rlarena.build.attempt;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.rlarena.build.testing.FakeSubmissionService;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

/** What submission-service does around an upload, and what it hears of its build. */
public class Upload {

  public static final String CREATED = "org.rlarena.submission.created.v1";
  public static final String REBUILD_REQUESTED = "org.rlarena.submission.rebuild-requested.v1";

  private final FakeSubmissionService submissions;
  private final Events events;

  public Upload(FakeSubmissionService submissions, Events events) {
    this.submissions = submissions;
    this.events = events;
  }

  /** The published example, of an upload of one file that is then found at submission-service. */
  public ObjectNode ofPython(String code) {
    return of("py", code.getBytes(StandardCharsets.UTF_8));
  }

  public ObjectNode ofZip(byte[] zip) {
    return of("zip", zip);
  }

  private ObjectNode of(String kind, byte[] content) {
    UUID submissionId = UUID.randomUUID();
    submissions.put(submissionId, content);
    ObjectNode created = Contract.exampleNode("submission.created.v1");
    created.put("submissionId", submissionId.toString());
    created.put("agentId", UUID.randomUUID().toString());
    created.withObject("source").put("kind", kind).put("bytes", content.length);
    created.withObject("source").put("sha256", sha256(content));
    return created;
  }

  public void publishCreated(ObjectNode created) {
    publish(UUID.randomUUID().toString(), CREATED, created);
  }

  public void publish(String eventId, String type, ObjectNode created) {
    events.publish(
        eventId, "submission.created", created.get("agentId").asText(), type, created.toString());
  }

  /** The final event of a submission's build. */
  public ReceivedEvent awaitBuilt(ObjectNode created) {
    return events.await("submission.built", event -> isOf(created, event));
  }

  public List<ReceivedEvent> built(ObjectNode created) {
    return events.on("submission.built").stream().filter(event -> isOf(created, event)).toList();
  }

  public List<ReceivedEvent> progress(ObjectNode created) {
    return events.on("build.progress").stream().filter(event -> isOf(created, event)).toList();
  }

  /** Waits until all that was published for this agent before has been handled and built. */
  public void passABarrier(ObjectNode created) {
    ObjectNode barrier =
        ofPython("class Agent: pass\n").put("agentId", created.get("agentId").asText());
    publishCreated(barrier);
    awaitBuilt(barrier);
  }

  private static boolean isOf(ObjectNode created, ReceivedEvent event) {
    return created.get("submissionId").equals(event.data().get("submissionId"));
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
