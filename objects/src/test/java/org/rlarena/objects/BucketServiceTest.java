package org.rlarena.objects;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlarena.objects.testing.TestBucket;
import software.amazon.awssdk.services.s3.S3Client;

/** A service whose bucket was forgotten, and is then made. */
@QuarkusTest
@WithTestResource(TestBucket.class)
@TestProfile(BucketServiceTest.Forgotten.class)
class BucketServiceTest {

  @Inject S3Client client;

  @Test
  void shouldNotBeReadyBeforeTheBucketIsThereAndStayReadyAfter() {
    given()
        .get("/q/health/ready")
        .then()
        .statusCode(503)
        .body("checks[0].name", equalTo("bucket"))
        .body("checks[0].data.remedy", containsString("arena-forgotten does not exist"));
    given()
        .get("/stored/a/1.txt")
        .then()
        .statusCode(503)
        .contentType("application/problem+json")
        .header("Retry-After", "15")
        .body("code", equalTo("storage_unavailable"));

    client.createBucket(b -> b.bucket("arena-forgotten"));

    given().get("/q/health/ready").then().statusCode(200);
    given().get("/stored/a/1.txt").then().statusCode(404);
    client.deleteBucket(b -> b.bucket("arena-forgotten"));
    given().get("/q/health/ready").then().statusCode(200);
    given().get("/stored/a/1.txt").then().statusCode(503);
  }

  public static class Forgotten implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("arena.objects.s3.bucket", "arena-forgotten");
    }
  }
}
