package org.rlarena.submission.versions;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.objects.ObjectsConfig;
import org.rlarena.objects.testing.TestBucket;
import org.rlarena.submission.ServiceTest;
import org.rlarena.submission.sources.SourceKind;
import org.rlarena.submission.sources.SourceStore;
import software.amazon.awssdk.services.s3.S3Client;

/** Uploads in an S3 bucket instead of a folder. */
@QuarkusTest
@WithTestResource(TestBucket.class)
class BucketIT extends ServiceTest {

  @Inject SourceStore store;
  @Inject SourceSweeper sweeper;
  @Inject ObjectsConfig objects;
  @Inject S3Client bucket;

  @TempDir Path folder;

  private final User owner = User.fresh();

  @Test
  void shouldKeepUploadsInTheBucketAndSendThem() {
    // When
    UUID id = owner.uploads(knownAgentOf(owner));

    // Then
    byte[] kept =
        bucket
            .getObjectAsBytes(o -> o.bucket(TestBucket.NAME).key("suite/sources/" + id + ".py"))
            .asByteArray();
    assertThat(kept).isEqualTo(CODE);
    assertThat(objects.root().resolve("sources/" + id + ".py")).doesNotExist();
    assertThat(objects.root().resolve("sources/.incoming")).isEmptyDirectory();
    byte[] sent =
        service()
            .get("/internal/submissions/{id}/source", id)
            .then()
            .statusCode(200)
            .header("Content-Length", String.valueOf(CODE.length))
            .extract()
            .asByteArray();
    assertThat(sent).isEqualTo(CODE);
    service().head("/internal/submissions/{id}/source", id).then().statusCode(200);
    given().get("/q/health/ready").then().statusCode(200);
  }

  @Test
  void shouldSayThatAnUploadIsGone() {
    UUID id = owner.uploads(knownAgentOf(owner));
    store.erase(id, SourceKind.PY);

    service()
        .get("/internal/submissions/{id}/source", id)
        .then()
        .statusCode(404)
        .body("code", equalTo("source_not_found"));
  }

  @Test
  void shouldEraseTheSourcesOfADeletedAgentAndFindOrphans() throws Exception {
    // Given
    UUID deleted = knownAgentOf(owner);
    UUID erased = owner.uploads(deleted);
    UUID kept = owner.uploads(knownAgentOf(owner));
    UUID orphan = UUID.randomUUID();
    Path file = Files.writeString(folder.resolve("agent.py"), "x = 1", StandardCharsets.UTF_8);
    store.store(orphan, SourceKind.PY, file, "agent.py");
    publishDeleted(deleted, 2);
    await().atMost(LIMIT).untilAsserted(() -> owner.reads(erased).statusCode(404));

    // When
    sweeper.sweep();

    // Then
    assertThat(store.find(erased, SourceKind.PY)).isEmpty();
    assertThat(store.find(kept, SourceKind.PY)).isPresent();
    assertThat(store.abandonedBefore(Instant.now().plusSeconds(60)))
        .extracting(SourceStore.Candidate::submissionId)
        .contains(orphan, kept);
    assertThat(store.abandonedBefore(Instant.now().minusSeconds(3600))).isEmpty();
  }

  @Test
  void shouldAskToComeBackWhileTheBucketIsAwayAndLoseNothing() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID before = owner.uploads(agentId);
    empty();
    bucket.deleteBucket(b -> b.bucket(TestBucket.NAME));
    try {
      // When
      owner
          .uploads(agentId, "agent.py", CODE)
          .statusCode(503)
          .header("Retry-After", "15")
          .contentType("application/problem+json")
          .body("code", equalTo("storage_unavailable"));
      service()
          .get("/internal/submissions/{id}/source", before)
          .then()
          .statusCode(503)
          .body("code", equalTo("storage_unavailable"));
      // what needs no object goes on
      owner.reads(before).statusCode(200);
    } finally {
      bucket.createBucket(b -> b.bucket(TestBucket.NAME));
    }

    // Then
    owner.uploads(agentId, "agent.py", CODE).statusCode(201).body("submission.version", equalTo(2));
    assertThat(objects.root().resolve("sources/.incoming")).isEmptyDirectory();
  }

  private void empty() {
    bucket
        .listObjectsV2Paginator(list -> list.bucket(TestBucket.NAME))
        .contents()
        .forEach(o -> bucket.deleteObject(d -> d.bucket(TestBucket.NAME).key(o.key())));
  }

  private static RequestSpecification service() {
    return given()
        .header(
            "Authorization", "Bearer " + TestTokens.service("submission-service", "source:read"));
  }
}
