package org.rlarena.auth.user;

import static io.restassured.RestAssured.given;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.rlarena.auth.Service;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

@QuarkusTest
@Service
class UserEventsIT {

  @Test
  void shouldTellOfRegistrationAsTheContractSays() {
    try (Events events = Events.connect()) {
      // Given
      String name = AccountFixture.freshName();

      // When
      String id = AccountFixture.registered(name).getString("user.id");

      // Then
      ReceivedEvent event = awaitSequence(events, id, 1);
      Contract.assertMatches(event);
      assertThat(event.key()).isEqualTo(id);
      assertThat(event.subject()).isEqualTo(id);
      assertThat(event.data().get("username").asText()).isEqualTo(name);
      assertThat(event.data().toString()).doesNotContain("@example.org");
    }
  }

  @Test
  void shouldRefuseLoggedOutTokenAndKeepTheOther() {
    try (Events events = Events.connect()) {
      // Given
      var account = AccountFixture.registered(AccountFixture.freshName());
      String token = account.getString("token");
      String other =
          given()
              .contentType("application/json")
              .body(
                  java.util.Map.of(
                      "email",
                      account.getString("user.email"),
                      "password",
                      AccountFixture.PASSWORD))
              .post("/api/v1/auth/login")
              .jsonPath()
              .getString("token");

      // When
      given().auth().oauth2(token).post("/api/v1/auth/logout").then().statusCode(204);

      // Then
      Contract.assertMatches(awaitSequence(events, account.getString("user.id"), 2));
      await().atMost(ofSeconds(60)).untilAsserted(() -> assertThat(profile(token)).isEqualTo(401));
      assertThat(profile(other)).isEqualTo(200);
    }
  }

  @Test
  void shouldForgetDeletedAccount() {
    try (Events events = Events.connect()) {
      // Given
      String name = AccountFixture.freshName();
      var account = AccountFixture.registered(name);
      String token = account.getString("token");

      // When
      given().auth().oauth2(token).delete("/api/v1/users/me").then().statusCode(204);

      // Then
      ReceivedEvent event = awaitSequence(events, account.getString("user.id"), 2);
      Contract.assertMatches(event);
      assertThat(event.type()).isEqualTo("org.rlarena.user.deleted.v1");
      await().atMost(ofSeconds(60)).untilAsserted(() -> assertThat(profile(token)).isEqualTo(401));
      AccountFixture.registered(name);
    }
  }

  private static int profile(String token) {
    return given().auth().oauth2(token).get("/api/v1/users/me").statusCode();
  }

  private static ReceivedEvent awaitSequence(Events events, String userId, long sequence) {
    return events.await(
        "user.changed",
        event -> event.key().equals(userId) && event.data().get("sequence").asLong() == sequence);
  }
}
