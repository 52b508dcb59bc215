package org.rlarena.build.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.ZipFile;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.build.testing.FakeExecutor;
import org.rlarena.build.testing.FakeSubmissionService;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

/** What the service reads from Kafka and writes to it. */
@BuildServiceTest
class BuildEventsIT {

  @Inject FakeSubmissionService submissions;
  @Inject FakeExecutor executor;
  @Inject BuildAttempts attempts;

  @ConfigProperty(name = "arena.objects.root")
  Path objects;

  private Events events;
  private Upload upload;

  @BeforeEach
  void connect() {
    executor.reset();
    events = Events.connect();
    upload = new Upload(submissions, events);
  }

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldBuildAPublishedExampleAndTellEachStep() throws IOException {
    // Given
    ObjectNode created =
        upload.ofPython("class Agent:\n    def act(self, obs):\n        return 0\n");

    // When
    upload.publishCreated(created);

    // Then
    ReceivedEvent built = upload.awaitBuilt(created);
    assertThat(built.type()).isEqualTo("org.rlarena.submission.build-succeeded.v1");
    assertThat(built.key()).isEqualTo(created.get("agentId").asText());
    Contract.assertMatches(built);
    assertThat(built.data().get("scan").asText()).isEqualTo("unavailable");
    List<ReceivedEvent> progress = upload.progress(created);
    progress.forEach(Contract::assertMatches);
    assertThat(progress)
        .extracting(event -> event.data().get("step").asText())
        .containsExactly("building", "validating", "scanning");
    Path bundle = objects.resolve(built.data().get("bundle").get("key").asText());
    assertThat(Files.size(bundle)).isEqualTo(built.data().get("bundle").get("bytes").asLong());
    try (ZipFile zip = new ZipFile(bundle.toFile())) {
      assertThat(zip.stream().map(Object::toString))
          .containsExactly("code/agent.py", "manifest.json");
    }
    assertThat(executor.requests())
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.getCodeUrl()).isEqualTo(bundle.toString());
              assertThat(request.getEnvironment()).isEqualTo("pong");
              assertThat(request.getMetadataMap().get("sha256"))
                  .isEqualTo(built.data().get("bundle").get("sha256").asText());
            });
    assertThat(executor.authorization()).isEqualTo("Bearer executor-secret");
  }

  @Test
  void shouldCarryTheTraceOfTheUploadToTheEndOfItsBuild() {
    // Given
    String traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    ObjectNode created = upload.ofPython("class Agent: pass\n");

    // When
    events.publishTraced(
        traceparent,
        "submission.created",
        created.get("agentId").asText(),
        Upload.CREATED,
        created.toString());

    // Then
    assertThat(upload.awaitBuilt(created).headers()).containsEntry("traceparent", traceparent);
    assertThat(upload.progress(created))
        .allSatisfy(step -> assertThat(step.headers()).containsEntry("traceparent", traceparent));
  }

  @Test
  void shouldBuildARepeatedEventOnce() {
    // Given
    ObjectNode created = upload.ofPython("class Agent: pass\n");
    String eventId = UUID.randomUUID().toString();

    // When
    upload.publish(eventId, "org.rlarena.submission.created.v1", created);
    upload.publish(eventId, "org.rlarena.submission.created.v1", created);
    upload.publishCreated(created);
    upload.awaitBuilt(created);
    upload.passABarrier(created);

    // Then
    assertThat(upload.built(created)).hasSize(1);
    assertThat(executor.requests()).hasSize(2);
  }

  @Test
  void shouldIgnoreALowerAttemptThatComesLate() {
    // Given
    ObjectNode created = upload.ofPython("class Agent: pass\n");
    ObjectNode rebuild = created.deepCopy().put("attempt", 2).put("sequence", 4);

    // When
    upload.publish(UUID.randomUUID().toString(), Upload.REBUILD_REQUESTED, rebuild);
    upload.publishCreated(created);
    upload.awaitBuilt(created);
    upload.passABarrier(created);

    // Then
    assertThat(upload.built(created))
        .singleElement()
        .satisfies(event -> assertThat(event.data().get("attempt").asInt()).isEqualTo(2));
  }

  @Test
  void shouldMoveWhatItCannotReadToTheDeadLetterTopicAndGoOn() {
    // Given
    String key = UUID.randomUUID().toString();
    ObjectNode wrong = upload.ofPython("class Agent: pass\n").put("attempt", 0);
    ObjectNode good = upload.ofPython("class Agent: pass\n");

    // When
    events.publishRaw(
        "submission.created",
        key,
        new byte[] {(byte) 0xff, 0, 1},
        Map.of(
            "ce_specversion",
            "1.0",
            "ce_id",
            UUID.randomUUID().toString(),
            "ce_source",
            "/submission-service",
            "ce_type",
            Upload.CREATED));
    events.publishRaw("submission.created", key, "{}".getBytes(StandardCharsets.UTF_8), Map.of());
    upload.publishCreated(wrong);
    upload.publishCreated(good);

    // Then
    upload.awaitBuilt(good);
    await()
        .untilAsserted(
            () -> {
              List<ReceivedEvent> dead = events.deadLetters("submission.created", "build-service");
              assertThat(dead).extracting(ReceivedEvent::key).contains(key);
              assertThat(dead.stream().filter(event -> key.equals(event.key()))).hasSize(2);
              assertThat(dead)
                  .extracting(ReceivedEvent::key)
                  .contains(wrong.get("agentId").asText());
            });
  }

  @Test
  void shouldAcknowledgeATypeItDoesNotKnow() {
    // Given
    ObjectNode created = upload.ofPython("class Agent: pass\n");

    // When
    upload.publish(UUID.randomUUID().toString(), "org.rlarena.submission.renamed.v1", created);
    upload.passABarrier(created);

    // Then
    assertThat(upload.built(created)).isEmpty();
    assertThat(events.deadLetters("submission.created", "build-service"))
        .extracting(ReceivedEvent::key)
        .doesNotContain(created.get("agentId").asText());
  }
}
