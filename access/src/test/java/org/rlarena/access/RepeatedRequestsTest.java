package org.rlarena.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.outbox.SchemaMigration;

@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "access"))
@WithTestResource(TestKeys.class)
class RepeatedRequestsTest {

  @Inject AgroalDataSource dataSource;
  @Inject SchemaMigration schema;

  private final UUID ada = UUID.randomUUID();
  private final String key = UUID.randomUUID().toString();

  @BeforeEach
  void awaitSchema() throws Exception {
    schema.await();
    sql("truncate note, answered_request");
    NoteResource.entered = new CountDownLatch(1);
    NoteResource.release = new CountDownLatch(1);
  }

  private static Response note(UUID user, String key, String text) {
    var request =
        given()
            .header("Authorization", "Bearer " + TestTokens.user(user, "ada"))
            .contentType("application/json")
            .body(Map.of("text", text));
    if (key != null) {
      request.header("Idempotency-Key", key);
    }
    return request.post("/notes");
  }

  @Test
  void shouldAnswerARepeatAsTheFirstTime() {
    // Given
    Response first = note(ada, key, "hook \u00e9 \ud83d\ude00");
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(first.header("Idempotent-Replayed")).isNull();

    // When
    Response repeat = note(ada, key, "hook \u00e9 \ud83d\ude00");
    Response quoted = note(ada, '"' + key + '"', "hook \u00e9 \ud83d\ude00");

    // Then
    for (Response again : List.of(repeat, quoted)) {
      assertThat(again.statusCode()).isEqualTo(201);
      assertThat(again.asByteArray()).isEqualTo(first.asByteArray());
      assertThat(again.contentType()).startsWith("application/json");
      assertThat(again.header("Location")).isEqualTo(first.header("Location"));
      assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");
    }
    assertThat(notes()).isEqualTo(1);
  }

  @Test
  void shouldCreateAnewWithoutKeyWithAnotherKeyAndForAnotherUser() {
    note(ada, null, "x");
    note(ada, null, "x");
    note(ada, key, "x");
    note(ada, key + "2", "x");
    note(UUID.randomUUID(), key, "x");

    assertThat(notes()).isEqualTo(5);
  }

  @Test
  void shouldRefuseAKeyThatNamedAnotherRequest() {
    note(ada, key, "x");

    note(ada, key, "y")
        .then()
        .statusCode(422)
        .contentType("application/problem+json")
        .body("code", equalTo("idempotency_key_reused"))
        .body("detail", containsString("new key"));
    assertThat(notes()).isEqualTo(1);
  }

  @Test
  void shouldSayThatTheFirstRequestIsNotAnsweredYet() throws Exception {
    try (ExecutorService clients = Executors.newSingleThreadExecutor()) {
      // Given
      Future<Response> first = clients.submit(() -> note(ada, key, NoteResource.SLOW));
      NoteResource.entered.await();

      // When
      note(ada, key, NoteResource.SLOW)
          .then()
          .statusCode(409)
          .header("Retry-After", "1")
          .body("code", equalTo("request_in_flight"));

      // Then
      NoteResource.release.countDown();
      assertThat(first.get().statusCode()).isEqualTo(201);
      assertThat(note(ada, key, NoteResource.SLOW).asString()).isEqualTo(first.get().asString());
      assertThat(notes()).isEqualTo(1);
    }
  }

  @Test
  void shouldCreateOnceHoweverManyAskAtOnce() throws Exception {
    Callable<Response> ask = () -> note(ada, key, "x");
    try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
      List<Integer> answers =
          clients.invokeAll(Collections.nCopies(16, ask)).stream()
              .map(Future::resultNow)
              .map(Response::statusCode)
              .toList();
      assertThat(answers).contains(201).isSubsetOf(201, 409);
    }
    assertThat(notes()).isEqualTo(1);
  }

  @Test
  void shouldKeepNothingOfWhatWasRefused() {
    // Given: rolled back with all it had done
    note(ada, key, NoteResource.BAD).then().statusCode(400);
    assertThat(notes()).isZero();

    // Then: neither the refusal nor its content is remembered
    note(ada, key, NoteResource.BAD).then().statusCode(400);
    note(ada, key, "x").then().statusCode(201);
    assertThat(notes()).isEqualTo(1);
  }

  @Test
  void shouldForgetAfterADay() {
    // Given
    note(ada, key, "x");
    note(ada, key + "2", "x");
    sql("update answered_request set answered_at = now() - interval '25 hours'");

    // When
    note(ada, key, "y").then().statusCode(201);

    // Then: it is another request now, and the other old answer is gone
    note(ada, key, "y").then().statusCode(201).header("Idempotent-Replayed", "true");
    assertThat(notes()).isEqualTo(3);
    assertThat(count("answered_request")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"\"", "a b", "a\"b", "\u00e9", "a\\b", "LONG"})
  void shouldRefuseKeysThatAreNone(String bad) {
    note(ada, bad.equals("LONG") ? "x".repeat(256) : bad, "x")
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_idempotency_key"));
    assertThat(notes()).isZero();
  }

  @Test
  void shouldShowAnswersToTheirUsersAlone() {
    note(ada, key, "x");

    given()
        .header("Idempotency-Key", key)
        .contentType("application/json")
        .body(Map.of("text", "x"))
        .post("/notes")
        .then()
        .statusCode(401);
  }

  private long notes() {
    return count("note");
  }

  private long count(String table) {
    try (var connection = dataSource.getConnection();
        var rows = connection.createStatement().executeQuery("select count(*) from " + table)) {
      rows.next();
      return rows.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void sql(String statement) {
    try (var connection = dataSource.getConnection()) {
      connection.createStatement().execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
