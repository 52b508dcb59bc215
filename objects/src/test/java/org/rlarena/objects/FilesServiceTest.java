package org.rlarena.objects;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.empty;

import io.quarkus.arc.Arc;
import io.quarkus.arc.InjectableBean;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** A service as it is by default. */
@QuarkusTest
class FilesServiceTest {

  @Inject ObjectStore store;

  @Test
  void shouldMakeNoClientOfAnyBucket() throws Exception {
    assertThat(store.find("a/1.txt")).isEmpty();

    assertThat(isMade(S3Client.class)).isFalse();
    assertThat(isMade(S3Presigner.class)).isFalse();
    given().get("/q/health/ready").then().statusCode(200).body("checks", empty());
  }

  private static boolean isMade(Class<?> type) {
    InjectableBean<?> bean = Arc.container().instance(type).getBean();
    return Arc.container().getActiveContext(bean.getScope()).get(bean) != null;
  }
}
