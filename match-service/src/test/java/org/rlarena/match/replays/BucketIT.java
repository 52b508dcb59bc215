package org.rlarena.match.replays;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.rlarena.executor.v1.MatchRequest;
import org.rlarena.match.testing.FakeExecutor;
import org.rlarena.objects.testing.TestBucket;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/** The same, and what is different, with an S3 bucket instead of a folder. */
@QuarkusTest
@WithTestResource(TestBucket.class)
class BucketIT extends ReplayResourceCases {

  @Inject S3Client bucket;

  @Test
  void shouldKeepReplaysAndLogsInTheBucketAlone() {
    UUID id = playedWithUploads();

    assertThat(keys())
        .filteredOn(key -> key.contains(id.toString()))
        .hasSize(3)
        .allMatch(key -> key.startsWith("suite/replays/") || key.startsWith("suite/logs/"));
    assertThat(objects.root().resolve("replays")).doesNotExist();
    assertThat(objects.root().resolve("incoming/match-service")).isEmptyDirectory();
    given().head("/storage/replays/{id}.html", id).then().statusCode(200);
    given().get("/q/health/ready").then().statusCode(200);
  }

  @Test
  void shouldGiveExecutorsAUrlForEachBundle() {
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      UUID id = request(own, other);
      awaitStatus(id, "completed");

      MatchRequest sent = executor.requests().getFirst();
      assertThat(sent.getAgents(0).getCodeUrl())
          .startsWith("http://127.0.0.1:")
          .contains("/" + TestBucket.NAME + "/suite/bundles/")
          .contains("X-Amz-Signature=");
    }
  }

  @Test
  void shouldAskToComeBackWhileTheBucketIsAway() {
    // Given
    UUID played = playedWithUploads();
    FakeExecutor.Held held = new FakeExecutor.Held();
    try (FakeExecutor executor = FakeExecutor.at(0).plays(held)) {
      UUID id = request(own, other);
      await().atMost(LIMIT).until(() -> executor.requests().size() == 1);
      String url = executor.requests().getFirst().getReplayUploadUrl();
      keys().forEach(key -> bucket.deleteObject(o -> o.bucket(TestBucket.NAME).key(key)));
      bucket.deleteBucket(b -> b.bucket(TestBucket.NAME));
      try {
        // When
        assertThat(put(url, "{\"frames\":[]}")).isEqualTo(503);
        for (String format : List.of("json", "html", "raw")) {
          given()
              .get("/api/v1/matches/{id}/replay?format={format}", played, format)
              .then()
              .statusCode(503)
              .header("Retry-After", "15")
              .contentType("application/problem+json")
              .body("code", equalTo("storage_unavailable"));
        }
        // what needs no object goes on
        given().get("/api/v1/matches/{id}", played).then().statusCode(200);
      } finally {
        bucket.createBucket(b -> b.bucket(TestBucket.NAME));
      }
      // Then
      assertThat(put(url, "{\"frames\":[]}")).isBetween(200, 204);
      held.release();
      awaitStatus(id, "completed");
      given().get("/storage/replays/{id}.json", id).then().statusCode(200);
    }
  }

  private List<String> keys() {
    return bucket.listObjectsV2Paginator(list -> list.bucket(TestBucket.NAME)).contents().stream()
        .map(S3Object::key)
        .toList();
  }
}
