package org.rlarena.build.attempt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.build.log.BuildLogs;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.build.testing.FakeExecutor;
import org.rlarena.build.testing.FakeSubmissionService;
import org.rlarena.build.testing.Zips;
import org.rlarena.build.validation.executor.ValidationResponse;
import org.rlarena.build.validation.executor.Verdict;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

/** How builds end that depend on what was uploaded. */
@BuildServiceTest
class BuildFailuresIT {

  private static final String AGENT = "class Agent:\n    pass\n";

  @Inject FakeSubmissionService submissions;
  @Inject FakeExecutor executor;
  @Inject BuildLogs logs;

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
  void shouldTellTheLineOfASyntaxError() {
    // Given
    ObjectNode created =
        upload.ofPython("class Agent:\n    def act(self, obs)\n        return 0\n");

    // When
    JsonNode failed = fail(created);

    // Then
    assertFailed(failed, "building", "syntax_error", "agent.py, line 2: expected ':'");
    assertThat(executor.requests()).isEmpty();
  }

  @Test
  void shouldTellThatTheEntryPointIsMissing() {
    // Given
    ObjectNode created = upload.ofZip(Zips.of("mybot/agent.py", AGENT));

    // When, Then
    assertFailed(fail(created), "building", "missing_entry_point", "agent.py or main.py");
  }

  @Test
  void shouldRefuseAnArchiveThatLeavesItsFolder() {
    // Given
    ObjectNode created = upload.ofZip(Zips.of("agent.py", AGENT, "../../evil.py", "x"));

    // When, Then
    assertFailed(fail(created), "building", "unsafe_archive", "'../../evil.py'");
  }

  @Test
  void shouldTellTheLineOfARefusedRequirement() {
    // Given
    ObjectNode created =
        upload.ofZip(
            Zips.of("agent.py", AGENT, "requirements.txt", "tiny-rl\ngit+https://x.example/y\n"));

    // When, Then
    assertFailed(fail(created), "building", "requirements", "requirements.txt, line 2");
  }

  @Test
  void shouldTellWhichPackageIsNotThere() {
    // Given
    ObjectNode created =
        upload.ofZip(Zips.of("agent.py", AGENT, "requirements.txt", "tiny-rl>=9\n"));

    // When, Then
    assertFailed(fail(created), "building", "requirements", "tiny-rl>=9");
  }

  @Test
  void shouldPackCodeAndPackages() throws IOException {
    // Given
    ObjectNode created =
        upload.ofZip(
            Zips.of("main.py", AGENT, "data/table.bin", "7", "requirements.txt", "tiny_rl==1.0\n"));

    // When
    upload.publishCreated(created);
    ReceivedEvent built = upload.awaitBuilt(created);

    // Then
    assertThat(built.type()).isEqualTo("org.rlarena.submission.build-succeeded.v1");
    Path bundle = objects.resolve(built.data().get("bundle").get("key").asText());
    try (ZipFile zip = new ZipFile(bundle.toFile())) {
      assertThat(Collections.list(zip.entries()))
          .extracting(ZipEntry::getName)
          .contains(
              "code/main.py",
              "code/data/table.bin",
              "code/requirements.txt",
              "packages/tiny_rl/__init__.py");
      assertThat(new String(zip.getInputStream(zip.getEntry("manifest.json")).readAllBytes()))
          .contains("\"entry\":\"main.py\"", "\"name\":\"tiny-rl\",\"version\":\"1.0\"");
    }
  }

  @Test
  void shouldTellTheExecutorsSentence() {
    // Given
    executor.next(
        request ->
            ValidationResponse.newBuilder()
                .setVerdict(Verdict.MOVE_TIMEOUT)
                .addErrors("The agent took longer than 1 s for its first move.")
                .setLogTail("\u001b[31mthinking\u001b[0m\n")
                .build());
    ObjectNode created = upload.ofPython(AGENT);

    // When
    JsonNode failed = fail(created);

    // Then
    assertFailed(failed, "validating", "timeout", "The agent took longer than 1 s");
    assertThat(log(created))
        .contains("thinking\n", "Failed (timeout): The agent took longer")
        .doesNotContain("\u001b");
  }

  @Test
  void shouldFailAnUploadThatIsGone() {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    created.put("submissionId", UUID.randomUUID().toString());

    // When, Then
    assertFailed(fail(created), "building", "platform_fault", "Upload the version again");
  }

  @Test
  void shouldGiveUpAnUploadThatNeverArrivesWhole() {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    created.withObject("source").put("sha256", "0".repeat(64));
    int before = submissions.calls();

    // When
    JsonNode failed = fail(created);

    // Then
    assertFailed(failed, "building", "platform_fault", "This is not your fault");
    assertThat(submissions.calls() - before).isGreaterThanOrEqualTo(4);
  }

  private JsonNode fail(ObjectNode created) {
    upload.publishCreated(created);
    ReceivedEvent built = upload.awaitBuilt(created);
    Contract.assertMatches(built);
    assertThat(built.type()).isEqualTo("org.rlarena.submission.build-failed.v1");
    return built.data();
  }

  private static void assertFailed(JsonNode failed, String step, String reason, String told) {
    assertThat(failed.get("reason").asText()).isEqualTo(reason);
    assertThat(failed.get("step").asText()).isEqualTo(step);
    assertThat(failed.get("message").asText()).contains(told);
  }

  private String log(ObjectNode created) {
    return logs.read(UUID.fromString(created.get("submissionId").asText()), 0).orElseThrow().text();
  }
}
