package org.rlarena.build.scan;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agroal.api.AgroalDataSource;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.WithTestResource;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.build.attempt.Upload;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.build.testing.FakeExecutor;
import org.rlarena.build.testing.FakeSubmissionService;
import org.rlarena.build.testing.Zips;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

/** Scans of builds and of what plays, from the upload's event to what is told of them. */
@BuildServiceTest
@WithTestResource(ScanEnvironment.class)
class ScanIT {

  private static final String AGENT = "class Agent: pass\n";
  private static final String SUCCEEDED = "org.rlarena.submission.build-succeeded.v1";
  private static final String FAILED = "org.rlarena.submission.build-failed.v1";
  private static final String BLOCKED = "org.rlarena.submission.scan-blocked.v1";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Inject FakeSubmissionService submissions;
  @Inject FakeExecutor executor;
  @Inject AgroalDataSource dataSource;
  @Inject MeterRegistry meters;

  private FakeScanner scanner;
  private Events events;
  private Upload upload;

  @BeforeEach
  void connect() {
    executor.reset();
    events = Events.connect();
    upload = new Upload(submissions, events);
    // not injected: with any other class the service starts without this setting
    scanner =
        new FakeScanner(
            Path.of(ConfigProvider.getConfig().getValue("arena.build.scan.command", String.class))
                .getParent());
  }

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldTellWhatAPassedBuildHolds() {
    // Given
    scanner.print(FakeScanner.finding("CVE-2026-7", "HIGH", "1.1"));

    // When
    ObjectNode created =
        upload.ofZip(Zips.of("agent.py", AGENT, "requirements.txt", "tiny_rl==1.0\n"));
    upload.publishCreated(created);
    ReceivedEvent built = upload.awaitBuilt(created);

    // Then
    assertThat(built.type()).isEqualTo(SUCCEEDED);
    Contract.assertMatches(built);
    assertThat(built.data().get("scan").asText()).isEqualTo("passed");
    assertThat(built.data().at("/vulnerabilities/high/fixable").asInt()).isEqualTo(1);
    asOwner(created, "scan")
        .statusCode(200)
        .body("status", equalTo("passed"))
        .body("reason", equalTo("One finding, which does not keep it from playing."))
        .body("scanner", equalTo("trivy"))
        .body("version", equalTo("0.74.0"))
        .body("databaseAt", equalTo("2026-11-26T00:27:51Z"))
        .body("scannedAt", containsString("Z"))
        .body("counts.high.total", equalTo(1))
        .body("counts.critical.total", equalTo(0))
        .body("platform", nullValue())
        .body("findings", hasSize(1))
        .body("findings[0].id", equalTo("CVE-2026-7"))
        .body("findings[0].package", equalTo("tiny-rl"))
        .body("findings[0].installed", equalTo("1.0"))
        .body("findings[0].fixed", equalTo("1.1"))
        .body("findings[0].severity", equalTo("high"));
    assertThat(scanner.noted("seen")).contains("tiny_rl-1.0.dist-info", "bundle.cdx.json");
    asOwner(created, "sbom")
        .statusCode(200)
        .contentType("application/vnd.cyclonedx+json")
        .body("bomFormat", equalTo("CycloneDX"))
        .body("components[0].purl", equalTo("pkg:pypi/tiny-rl@1.0"));
  }

  @Test
  void shouldRefuseABuildWhoseFindingsMayNotPlay() {
    // Given
    scanner.print(FakeScanner.finding("CVE-2026-8", "CRITICAL", "1.1"));

    // When
    ObjectNode created = built();
    ReceivedEvent failed = upload.awaitBuilt(created);

    // Then
    assertThat(failed.type()).isEqualTo(FAILED);
    Contract.assertMatches(failed);
    assertThat(failed.data().get("reason").asText()).isEqualTo("blocked_by_scan");
    assertThat(failed.data().get("step").asText()).isEqualTo("scanning");
    assertThat(failed.data().get("message").asText())
        .contains("CVE-2026-8 (critical) in tiny-rl 1.0, mended in 1.1");
    asOwner(created, "scan")
        .body("status", equalTo("blocked"))
        .body("counts.critical.fixable", equalTo(1));
    asOwner(created, "build-logs").body("buildLog", containsString("Scan: blocked."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit 1", "echo '{}'", "kill -KILL $$"})
  void shouldSayThatAScanFailedAndNotThatItPassed(String behaviour) {
    // Given
    scanner.behave(behaviour);
    double before = count("failed", "build");

    // When
    ObjectNode created = built();
    ReceivedEvent built = upload.awaitBuilt(created);

    // Then
    assertThat(built.type()).isEqualTo(SUCCEEDED);
    assertThat(built.data().get("scan").asText()).isEqualTo("failed");
    assertThat(built.data().has("vulnerabilities")).isFalse();
    asOwner(created, "scan").body("status", equalTo("failed")).body("counts", nullValue());
    asOwner(created, "build-logs").body("buildLog", containsString("Scan: failed."));
    assertThat(count("failed", "build")).isEqualTo(before + 1);
  }

  @Test
  void shouldTakeWhatBecameKnownLaterOutOfThePlay() {
    // Given
    ObjectNode created = built();
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
    publishActivated(created, 1);

    // When
    scanner.print(FakeScanner.finding("CVE-2026-9", "CRITICAL", "1.1"));

    // Then
    ReceivedEvent blocked = events.await("submission.built", event -> isBlockOf(created, event));
    Contract.assertMatches(blocked);
    assertThat(blocked.key()).isEqualTo(created.get("agentId").asText());
    assertThat(blocked.data().get("attempt").asInt()).isEqualTo(1);
    assertThat(blocked.data().get("message").asText()).contains("CVE-2026-9", "rebuild");
    asOwner(created, "scan")
        .body("status", equalTo("blocked"))
        .body("findings[0].id", equalTo("CVE-2026-9"));
    asOwner(created, "build-logs")
        .body("status", equalTo("success"))
        .body("buildLog", containsString("Scanned again: blocked."));
    publishDeactivated(created, 2);
  }

  @Test
  void shouldLetTheLastVerdictStandWhileTheScannerIsAway() {
    // Given
    ObjectNode created = built();
    upload.awaitBuilt(created);

    // When
    scanner.behave("exit 1");
    double failed = count("failed", "rescan");
    publishActivated(created, 1);

    // Then
    await().atMost(LIMIT).until(() -> count("failed", "rescan") >= failed + 2);
    asOwner(created, "scan").body("status", equalTo("passed"));

    // When it is back
    scanner.print(FakeScanner.finding("CVE-2026-10", "CRITICAL", "1.1"));

    // Then
    events.await("submission.built", event -> isBlockOf(created, event));
    publishDeactivated(created, 2);
  }

  @Test
  void shouldLeaveAVersionAloneThatPlaysNoLonger() {
    // Given one that plays and one that did
    ObjectNode former = built();
    upload.awaitBuilt(former);
    publishActivated(former, 1);
    publishDeactivated(former, 2);
    // late: its sequence is passed
    publishActivated(former, 1);
    ObjectNode playing = built();
    upload.awaitBuilt(playing);
    publishActivated(playing, 1);

    // When
    scanner.print(FakeScanner.finding("CVE-2026-11", "CRITICAL", "1.1"));

    // Then
    events.await("submission.built", event -> isBlockOf(playing, event));
    publishDeactivated(playing, 2);
    assertThat(events.on("submission.built").stream().filter(event -> isBlockOf(former, event)))
        .isEmpty();
  }

  @Test
  void shouldMoveAnActivationThatItCannotReadToTheDeadLetterTopic() {
    // Given
    String key = UUID.randomUUID().toString();

    // When
    events.publish(
        UUID.randomUUID().toString(),
        "submission.activated",
        key,
        "org.rlarena.submission.activated.v1",
        "{\"sequence\": 1}");

    // Then
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(events.deadLetters("submission.activated", "build-service"))
                    .extracting(ReceivedEvent::key)
                    .contains(key));
  }

  private ObjectNode built() {
    ObjectNode created = upload.ofPython(AGENT);
    upload.publishCreated(created);
    return created;
  }

  private void publishActivated(ObjectNode created, long sequence) {
    publish(
        "org.rlarena.submission.activated.v1",
        created,
        Contract.exampleNode("submission.activated.v1").put("sequence", sequence));
  }

  private void publishDeactivated(ObjectNode created, long sequence) {
    publish(
        "org.rlarena.submission.deactivated.v1",
        created,
        Contract.exampleNode("submission.deactivated.v1").put("sequence", sequence));
  }

  private void publish(String type, ObjectNode created, ObjectNode data) {
    data.put("agentId", created.get("agentId").asText());
    data.put("submissionId", created.get("submissionId").asText());
    events.publish(
        UUID.randomUUID().toString(),
        "submission.activated",
        created.get("agentId").asText(),
        type,
        data.toString());
  }

  private static boolean isBlockOf(ObjectNode created, ReceivedEvent event) {
    return event.type().equals(BLOCKED)
        && created.get("submissionId").equals(event.data().get("submissionId"));
  }

  private double count(String outcome, String occasion) {
    return meters
        .counter(
            "arena.scans",
            List.of(
                io.micrometer.core.instrument.Tag.of("outcome", outcome),
                io.micrometer.core.instrument.Tag.of("occasion", occasion)))
        .count();
  }

  private static ValidatableResponse asOwner(ObjectNode created, String path) {
    UUID owner = UUID.fromString(created.get("ownerId").asText());
    return given()
        .header("Authorization", "Bearer " + TestTokens.user(owner, "owner"))
        .get("/api/v1/submissions/{id}/" + path, created.get("submissionId").asText())
        .then();
  }
}
