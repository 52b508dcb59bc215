package org.rlarena.build.cluster;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.is;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.build.attempt.Upload;
import org.rlarena.build.log.BuildLogs;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.build.testing.FakeExecutor;
import org.rlarena.build.testing.FakeSubmissionService;
import org.rlarena.build.testing.Zips;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

/** Builds as Jobs, from the upload's event to the build's, with the real steps. */
@BuildServiceTest
@WithTestResource(ClusterEnvironment.class)
class ClusterBuildIT {

  private static final String AGENT = "class Agent:\n    pass\n";
  private static final String DIGEST = "sha256:" + "d".repeat(64);

  @Inject FakeSubmissionService submissions;
  @Inject FakeExecutor executor;
  @Inject BuildLogs logs;
  @Inject KubernetesClient client;

  @ConfigProperty(name = "arena.objects.root")
  Path objects;

  @TestHTTPResource("/")
  String address;

  @TempDir Path folder;

  private Events events;
  private Upload upload;
  private TestCluster cluster;
  private Kubelet kubelet;

  @BeforeEach
  void connect() {
    executor.reset();
    events = Events.connect();
    upload = new Upload(submissions, events);
    // not injected: with any other class the service starts without this setting
    String namespace =
        ConfigProvider.getConfig().getValue("arena.build.kubernetes.namespace", String.class);
    cluster = TestCluster.of(client, namespace);
    kubelet = new Kubelet(cluster, address.replaceAll("/$", ""), folder);
  }

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldMakeBundleAndImageOfOneUpload() throws Exception {
    // Given
    ObjectNode created =
        upload.ofZip(
            Zips.of("main.py", AGENT, "data/t.bin", "7", "requirements.txt", "tiny_rl==1.0\n"));
    upload.publishCreated(created);

    // When
    kubelet.run(awaitJob(created, 0), DIGEST);

    // Then
    ReceivedEvent built = upload.awaitBuilt(created);
    Contract.assertMatches(built);
    assertThat(built.type()).isEqualTo("org.rlarena.submission.build-succeeded.v1");
    assertThat(built.data().get("imageDigest").asText()).isEqualTo(DIGEST);
    assertThat(kubelet.context().resolve("Dockerfile")).content().startsWith("FROM registry.test/");
    assertThat(kubelet.context().resolve("code/data/t.bin")).hasContent("7");
    assertThat(kubelet.context().resolve("packages/site/tiny_rl/__init__.py")).exists();
    Path bundle = objects.resolve(built.data().get("bundle").get("key").asText());
    try (ZipFile zip = new ZipFile(bundle.toFile())) {
      assertThat(Collections.list(zip.entries()))
          .extracting(ZipEntry::getName)
          .contains("code/main.py", "code/data/t.bin", "packages/tiny_rl/__init__.py")
          .noneMatch(name -> name.startsWith("packages/bin/"));
      assertThat(new String(zip.getInputStream(zip.getEntry("manifest.json")).readAllBytes()))
          .contains("\"entry\":\"main.py\"", "\"name\":\"tiny-rl\",\"version\":\"1.0\"");
    }
    try (var left = Files.list(objects.resolve("build-packages"))) {
      assertThat(left).isEmpty();
    }
    assertThat(log(created)).contains("Image " + DIGEST).doesNotContain("registry.test");
    // for an executor that plays in pods
    assertThat(executor.requests())
        .singleElement()
        .satisfies(request -> assertThat(request.getDockerImage()).isEqualTo(DIGEST));
  }

  @Test
  void shouldTellTheLineOfASyntaxError() throws Exception {
    // When
    JsonNode failed =
        fail(upload.ofPython("class Agent:\n    def act(self, obs)\n        return 0\n"));

    // Then
    assertThat(failed.get("reason").asText()).isEqualTo("syntax_error");
    assertThat(failed.get("message").asText()).contains("agent.py, line 2: expected ':'");
  }

  @Test
  void shouldTellTheLineOfARefusedRequirement() throws Exception {
    // When
    JsonNode failed =
        fail(upload.ofZip(Zips.of("agent.py", AGENT, "requirements.txt", "x @ file:///etc\n")));

    // Then
    assertThat(failed.get("reason").asText()).isEqualTo("requirements");
    assertThat(failed.get("message").asText()).contains("requirements.txt, line 1");
  }

  @Test
  void shouldTellWhichPackageIsNotThere() throws Exception {
    // When
    JsonNode failed =
        fail(upload.ofZip(Zips.of("agent.py", AGENT, "requirements.txt", "tiny-rl>=9\n")));

    // Then
    assertThat(failed.get("reason").asText()).isEqualTo("requirements");
    assertThat(failed.get("message").asText()).contains("tiny-rl>=9");
  }

  @Test
  void shouldRefuseAnUnsafeArchiveWithoutAJob() {
    // Given
    ObjectNode created = upload.ofZip(Zips.of("agent.py", AGENT, "../../evil.py", "x"));

    // When
    upload.publishCreated(created);

    // Then
    assertThat(upload.awaitBuilt(created).data().get("reason").asText())
        .isEqualTo("unsafe_archive");
    assertThat(jobs(created)).isEmpty();
  }

  @Test
  void shouldBuildWithANewJobWhenOneWasRemoved() throws Exception {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    upload.publishCreated(created);
    Job first = awaitJob(created, 0);
    await().until(() -> log(created), text -> text.contains("Asked the cluster"));

    // When
    cluster.removeJob(first.getMetadata().getName());
    kubelet.run(awaitJob(created, 1), DIGEST);

    // Then
    assertThat(upload.awaitBuilt(created).data().get("imageDigest").asText()).isEqualTo(DIGEST);
    assertThat(log(created)).contains("This is not your fault");
  }

  @Test
  void shouldRemoveTheJobOfAnAttemptThatIsSuperseded() throws Exception {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    upload.publishCreated(created);
    Job old = awaitJob(created, 0);

    // When
    ObjectNode again = created.deepCopy().put("attempt", 2);
    upload.publish(UUID.randomUUID().toString(), Upload.REBUILD_REQUESTED, again);

    // Then
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> cluster.job(old.getMetadata().getName()) == null);
    kubelet.run(awaitJob(created, 0), DIGEST);
    assertThat(upload.awaitBuilt(created).data().get("attempt").asInt()).isEqualTo(2);
  }

  @Test
  void shouldGiveTheSourceToEveryPodOfARunningBuildAndToNobodyElse() throws Exception {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    upload.publishCreated(created);
    Job job = awaitJob(created, 0);
    String token = token(job);

    // When, Then
    for (int pod = 1; pod <= 2; pod++) {
      byte[] source =
          given()
              .header("Authorization", "Bearer " + token)
              .get("/internal/builds/source")
              .then()
              .statusCode(200)
              .extract()
              .asByteArray();
      assertThat(source).isEqualTo(AGENT.getBytes(StandardCharsets.UTF_8));
    }
    given()
        .get("/internal/builds/source")
        .then()
        .statusCode(401)
        .contentType("application/problem+json")
        .body("code", is("invalid_build_token"));
    given()
        .header("Authorization", "Bearer " + "x".repeat(43))
        .get("/internal/builds/source")
        .then()
        .statusCode(401)
        .body("code", is("invalid_build_token"));
    given()
        .header("Authorization", "Bearer " + token)
        .header("Content-Digest", "sha-256=:" + "A".repeat(43) + "=:")
        .contentType("application/zip")
        .body("not that".getBytes(StandardCharsets.UTF_8))
        .put("/internal/builds/packages")
        .then()
        .statusCode(400)
        .body("code", is("invalid_digest"));
    given()
        .header("Authorization", "Bearer " + token)
        .contentType("application/zip")
        .body("no digest".getBytes(StandardCharsets.UTF_8))
        .put("/internal/builds/packages")
        .then()
        .statusCode(400)
        .body("code", is("invalid_digest"));
    submissions.failNext(1);
    given()
        .header("Authorization", "Bearer " + token)
        .get("/internal/builds/source")
        .then()
        .statusCode(503)
        .header("Retry-After", is("5"))
        .body("code", is("source_unavailable"));

    // When the build has ended
    kubelet.run(job, DIGEST);
    upload.awaitBuilt(created);

    // Then
    given()
        .header("Authorization", "Bearer " + token)
        .get("/internal/builds/source")
        .then()
        .statusCode(401)
        .body("code", is("invalid_build_token"));
  }

  private JsonNode fail(ObjectNode created) throws IOException, InterruptedException {
    upload.publishCreated(created);
    kubelet.run(awaitJob(created, 0), DIGEST);
    ReceivedEvent built = upload.awaitBuilt(created);
    Contract.assertMatches(built);
    assertThat(built.type()).isEqualTo("org.rlarena.submission.build-failed.v1");
    return built.data();
  }

  private Job awaitJob(ObjectNode created, int faults) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                jobs(created).stream()
                    .filter(job -> job.getMetadata().getName().endsWith("-" + faults))
                    .filter(
                        job -> job.getStatus() == null || job.getStatus().getConditions().isEmpty())
                    .findFirst()
                    .orElse(null),
            found -> found != null);
  }

  private List<Job> jobs(ObjectNode created) {
    return cluster.jobs().stream()
        .filter(
            job ->
                created
                    .get("submissionId")
                    .asText()
                    .equals(job.getMetadata().getLabels().get("rl-arena.org/submission")))
        .toList();
  }

  private static String token(Job job) {
    return job.getSpec().getTemplate().getSpec().getInitContainers().getFirst().getEnv().stream()
        .filter(one -> one.getName().equals("ARENA_BUILD_TOKEN"))
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private String log(ObjectNode created) {
    return logs.read(UUID.fromString(created.get("submissionId").asText()), 0)
        .map(part -> part.text())
        .orElse("");
  }
}
