package org.rlarena.submission.versions;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.submission.ServiceTest;
import org.rlarena.submission.sources.Archives;
import org.rlarena.submission.sources.SourceKind;
import org.rlarena.submission.sources.SourceStore;

@QuarkusTest
class UploadResourceTest extends ServiceTest {

  private static final String PATH = "/api/v1/submissions";

  @Inject SourceStore store;
  @Inject Submissions submissions;

  @ConfigProperty(name = "arena.objects.root")
  Path objects;

  private final User owner = User.fresh();

  @Test
  void shouldStoreAPythonFileAsTheFirstVersion() throws IOException {
    // Given
    UUID agentId = knownAgentOf(owner);

    // When
    ValidatableResponse response = owner.uploads(agentId, "my agent.py", CODE);

    // Then
    String id = response.statusCode(201).extract().path("submission.id");
    response
        .body("message", equalTo("Version 1 was uploaded and will be built."))
        .body("submission.agentId", equalTo(agentId.toString()))
        .body("submission.agentName", equalTo("Left Hook"))
        .body("submission.environmentId", equalTo("pong"))
        .body("submission.version", equalTo(1))
        .body("submission.status", equalTo("pending"))
        .body("submission.isActive", equalTo(false))
        .body("submission.retryCount", equalTo(0))
        .body("submission.codeUrl", equalTo(PATH + "/" + id + "/source"))
        .body("submission.errorMessage", nullValue());
    assertThat(stored(UUID.fromString(id), SourceKind.PY)).isEqualTo(CODE);
  }

  @Test
  void shouldStoreAnArchiveAsTheNextVersion() throws IOException {
    // Given
    UUID agentId = knownAgentOf(owner);
    owner.uploads(agentId);
    byte[] archive = Archives.withAgent().file("models/weights.bin", "123").toBytes();

    // When
    ValidatableResponse response = owner.uploads(agentId, "bot.zip", archive);

    // Then
    response.statusCode(201).body("submission.version", equalTo(2));
    UUID id = UUID.fromString(response.extract().path("submission.id"));
    assertThat(stored(id, SourceKind.ZIP)).isEqualTo(archive);
  }

  @Test
  void shouldMakeOneVersionForRepeatsOfARequest() {
    // Given
    UUID agentId = knownAgentOf(owner);
    String key = UUID.randomUUID().toString();
    String first = upload(key, agentId, CODE).statusCode(201).extract().asString();

    // When, Then
    upload(key, agentId, CODE)
        .statusCode(201)
        .header("Idempotent-Replayed", "true")
        .body(equalTo(first));
    upload(key, agentId, "def create_agent(player_id): pass\n".getBytes(StandardCharsets.UTF_8))
        .statusCode(422)
        .body("code", equalTo("idempotency_key_reused"));
    upload(key, knownAgentOf(owner), CODE).statusCode(422);
    assertThat(submissions.count("agentId", agentId)).isEqualTo(1);
  }

  @Test
  void shouldKeepTheKeyOfAnUploadThatWasRefused() {
    UUID agentId = knownAgentOf(owner);
    String key = UUID.randomUUID().toString();

    upload(key, agentId, new byte[0]).statusCode(400).body("code", equalTo("empty_file"));
    upload(key, agentId, CODE).statusCode(201).body("submission.version", equalTo(1));
  }

  private ValidatableResponse upload(String key, UUID agentId, byte[] content) {
    return owner
        .request()
        .header("Idempotency-Key", key)
        .multiPart("agentId", agentId.toString())
        .multiPart("file", "agent.py", content)
        .post(PATH)
        .then();
  }

  @Test
  void shouldNotTrustTheUploadersFilename() {
    UUID agentId = knownAgentOf(owner);

    UUID id =
        UUID.fromString(
            owner
                .uploads(agentId, "..\\..\\C:\\evil dir\\agent.py", CODE)
                .statusCode(201)
                .extract()
                .path("submission.id"));

    assertThat(store.find(id, SourceKind.PY)).isPresent();
    assertThat(submissions.findById(id).source().filename()).isEqualTo("agent.py");
  }

  static Stream<Arguments> badFiles() {
    return Stream.of(
        arguments("agent.txt", CODE, 400, "unsupported_file_type"),
        arguments("agent.py", new byte[0], 400, "empty_file"),
        arguments("agent.py", new byte[] {'x', 0, 'y'}, 400, "invalid_source"),
        arguments("agent.py", new byte[] {(byte) 0xc3, (byte) 0x28}, 400, "invalid_source"),
        arguments("agent.zip", CODE, 400, "unsafe_archive"),
        arguments("a.zip", Archives.withAgent().file("../x", "x").toBytes(), 400, "unsafe_archive"),
        arguments(
            "a.zip", Archives.withAgent().special("l", 0120777).toBytes(), 400, "unsafe_archive"),
        arguments(
            "a.zip", Archives.withAgent().zeros("bomb", 20 << 20).toBytes(), 400, "unsafe_archive"),
        arguments(
            "a.zip",
            Archives.empty().file("bot/agent.py", "x").toBytes(),
            400,
            "missing_entry_point"),
        arguments("agent.py", new byte[(10 << 20) + 1], 413, "file_too_large"));
  }

  @ParameterizedTest(name = "{3} {0}")
  @MethodSource("badFiles")
  void shouldRefuseBadFilesAndStoreNothing(String name, byte[] content, int status, String code) {
    // Given
    UUID agentId = knownAgentOf(owner);
    List<Path> before = stored();

    // When
    ValidatableResponse response = owner.uploads(agentId, name, content);

    // Then
    assertProblem(response, status, code);
    assertThat(submissions.countOf(agentId)).isZero();
    assertThat(stored()).isEqualTo(before);
    // the spooled file goes away with the request
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(objects.resolve("sources/.incoming")).isEmptyDirectory());
  }

  @Test
  void shouldAskForTheAgent() {
    assertProblem(
            owner.request().multiPart("file", "agent.py", CODE).post(PATH).then(),
            400,
            "invalid_request")
        .body("detail", containsString("agentId is required"));
  }

  @Test
  void shouldAskForTheFile() {
    assertProblem(
            owner.request().multiPart("agentId", UUID.randomUUID().toString()).post(PATH).then(),
            400,
            "invalid_request")
        .body("detail", containsString("file is required"));
  }

  static Stream<String> badAgentIds() {
    return Stream.of("abc", "1-1-1-1-1", "' OR 1=1", "\u0000", "x".repeat(3000));
  }

  @ParameterizedTest
  @MethodSource("badAgentIds")
  void shouldRefuseWhatIsNoAgentId(String agentId) {
    assertProblem(
        owner
            .request()
            .multiPart("agentId", agentId)
            .multiPart("file", "agent.py", CODE)
            .post(PATH)
            .then(),
        400,
        "invalid_request");
  }

  @Test
  void shouldRefuseAnOverlongField() {
    owner
        .request()
        .multiPart("agentId", "x".repeat(100_000))
        .multiPart("file", "agent.py", CODE)
        .post(PATH)
        .then()
        .statusCode(413)
        .contentType("application/problem+json")
        .body("code", equalTo("request_entity_too_large"));
  }

  @Test
  void shouldRefuseForeignAgents() {
    UUID agentId = knownAgentOf(User.fresh());

    assertProblem(owner.uploads(agentId, "agent.py", CODE), 403, "not_owner");

    assertThat(submissions.countOf(agentId)).isZero();
  }

  @Test
  void shouldCheckTheOwnerBeforeTheContent() {
    assertProblem(owner.uploads(knownAgentOf(User.fresh()), "a.exe", CODE), 403, "not_owner");
  }

  @Test
  void shouldRefuseCallersWithoutAValidToken() {
    UUID agentId = knownAgentOf(owner);
    given()
        .multiPart("agentId", agentId.toString())
        .multiPart("file", "agent.py", CODE)
        .post(PATH)
        .then()
        .statusCode(401);
    for (String token : TestTokens.refusedOf(owner.id(), owner.username())) {
      given()
          .header("Authorization", "Bearer " + token)
          .multiPart("agentId", agentId.toString())
          .multiPart("file", "agent.py", CODE)
          .post(PATH)
          .then()
          .statusCode(401);
    }
    assertThat(submissions.countOf(agentId)).isZero();
  }

  @Test
  void shouldRefuseServices() {
    given()
        .header(
            "Authorization", "Bearer " + TestTokens.service("submission-service", "source:read"))
        .multiPart("agentId", knownAgentOf(owner).toString())
        .multiPart("file", "agent.py", CODE)
        .post(PATH)
        .then()
        .statusCode(403);
  }

  private static ValidatableResponse assertProblem(
      ValidatableResponse response, int status, String code) {
    return response
        .statusCode(status)
        .contentType("application/problem+json")
        .body("code", equalTo(code))
        .body("status", equalTo(status));
  }

  /** Other tests of this start share the store, but none runs at the same time. */
  private List<Path> stored() {
    Path sources = objects.resolve("sources");
    if (!Files.exists(sources)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(sources)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private byte[] stored(UUID id, SourceKind kind) throws IOException {
    try (InputStream in = store.find(id, kind).orElseThrow().open()) {
      return in.readAllBytes();
    }
  }
}
