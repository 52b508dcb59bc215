package org.rlarena.build.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.WithTestResource;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.build.testing.FakeExecutor;
import org.rlarena.build.testing.FakeSubmissionService;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.objects.ObjectsConfig;
import org.rlarena.objects.testing.TestBucket;
import software.amazon.awssdk.services.s3.S3Client;

/** Bundles in an S3 bucket instead of a folder. */
@BuildServiceTest
@WithTestResource(TestBucket.class)
class BucketIT {

  private static final String AGENT = "class Agent: pass\n";
  private static final String SUCCEEDED = "org.rlarena.submission.build-succeeded.v1";

  @Inject FakeSubmissionService submissions;
  @Inject FakeExecutor executor;
  @Inject AgroalDataSource dataSource;
  @Inject ObjectsConfig objects;
  @Inject S3Client bucket;

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
  void shouldKeepTheBundleInTheBucketAndGiveTheExecutorAUrl() throws Exception {
    // Given
    ObjectNode created = upload.ofPython(AGENT);

    // When
    upload.publishCreated(created);

    // Then
    ReceivedEvent built = upload.awaitBuilt(created);
    assertThat(built.type()).isEqualTo(SUCCEEDED);
    String sha256 = built.data().get("bundle").get("sha256").asText();
    String url = executor.requests().getFirst().getCodeUrl();
    assertThat(url).contains("/" + TestBucket.NAME + "/suite/bundles/" + sha256 + ".zip?");
    try (HttpClient client = HttpClient.newHttpClient()) {
      byte[] fetched =
          client
              .send(
                  HttpRequest.newBuilder(URI.create(url)).build(),
                  HttpResponse.BodyHandlers.ofByteArray())
              .body();
      assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(fetched)))
          .isEqualTo(sha256);
    }
    assertThat(objects.root().resolve("bundles")).isEmptyDirectory();
  }

  @Test
  void shouldWaitForABucketThatIsAwayAndNotBlameTheAuthor() {
    // Given
    ObjectNode created = upload.ofPython("class Agent: another = True\n");
    bucket
        .listObjectsV2Paginator(list -> list.bucket(TestBucket.NAME))
        .contents()
        .forEach(o -> bucket.deleteObject(d -> d.bucket(TestBucket.NAME).key(o.key())));
    bucket.deleteBucket(b -> b.bucket(TestBucket.NAME));
    try {
      upload.publishCreated(created);
      await().untilAsserted(() -> assertThat(faults(created)).isPositive());
    } finally {
      // When
      bucket.createBucket(b -> b.bucket(TestBucket.NAME));
    }

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
  }

  private int faults(ObjectNode created) throws SQLException {
    try (var connection = dataSource.getConnection();
        var query =
            connection.prepareStatement(
                "select coalesce(max(faults), 0) from build_attempt where submission_id = ?")) {
      query.setObject(1, UUID.fromString(created.get("submissionId").asText()));
      try (var row = query.executeQuery()) {
        row.next();
        return row.getInt(1);
      }
    }
  }
}
