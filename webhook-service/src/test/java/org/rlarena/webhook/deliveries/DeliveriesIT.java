package org.rlarena.webhook.deliveries;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlarena.webhook.Database;
import org.rlarena.webhook.Receiver;
import org.rlarena.webhook.Receiver.Reply;
import org.rlarena.webhook.ServiceTest;
import org.rlarena.webhook.hooks.Webhooks;

/** From a ping to the receiver: signatures, repeats, refusals, the log. */
@QuarkusTest
class DeliveriesIT extends ServiceTest {

  @Inject Database database;
  @Inject Leases leases;
  @Inject Retention retention;
  @Inject Webhooks hooks;

  private final User ada = User.fresh();
  private final Receiver receiver = new Receiver();

  @AfterEach
  void close() {
    receiver.close();
  }

  @Test
  void shouldSignWhatItSends() {
    // Given
    Hook hook = ada.registers(receiver.url(), "match.finished");

    // When
    String id = ping(hook);

    // Then
    awaitStatus(hook, "delivered");
    assertThat(receiver.calls())
        .singleElement()
        .satisfies(
            call -> {
              assertThat(call.id()).isEqualTo(id);
              assertThat(call.isSignedWith(hook.secret())).isTrue();
              assertThat(Long.parseLong(call.timestamp()))
                  .isCloseTo(Instant.now().getEpochSecond(), offset(60L));
              assertThat(call.json().path("type").asText()).isEqualTo("ping");
              assertThat(call.json().path("data").path("webhookId").asText()).isEqualTo(hook.id());
            });
    assertThat(hook.newest())
        .containsEntry("attempts", 1)
        .containsEntry("responseCode", 200)
        .containsEntry("responseStart", "thank you")
        .containsKeys("createdAt", "lastAttemptAt", "endedAt")
        .doesNotContainKeys("error", "nextAttemptAt");
  }

  @Test
  void shouldSignWithBothSecretsAfterARotation() {
    // Given
    Hook hook = ada.registers(receiver.url(), "match.finished");
    String next = ada.request().post(hook.path() + "/secret").path("secret");

    // When
    ping(hook);

    // Then
    awaitStatus(hook, "delivered");
    var call = receiver.calls().getFirst();
    assertThat(call.isSignedWith(next)).isTrue();
    assertThat(call.isSignedWith(hook.secret())).isTrue();
    assertThat(call.isSignedWith(ada.registers(receiver.url(), "match.finished").secret()))
        .isFalse();
  }

  @Test
  void shouldTryAgainUnderTheSameIdUntilItIsTaken() {
    // Given
    Hook hook = ada.registers(receiver.url(), "match.finished");
    receiver.answers(Reply.of(500), new Reply(503, Map.of(), "later"));

    // When
    String id = ping(hook);

    // Then
    awaitStatus(hook, "delivered");
    assertThat(receiver.calls()).hasSize(3).allMatch(call -> call.id().equals(id));
    assertThat(hook.newest()).containsEntry("attempts", 3);
    ada.request().get(hook.path()).then().body("webhook.failingSince", equalTo(null));
  }

  @Test
  void shouldGiveUpAndSendAgainWhenAsked() {
    // Given
    Hook hook = ada.registers(receiver.url(), "match.finished");
    receiver.answers(Reply.of(500), Reply.of(500), Reply.of(500), new Reply(418, Map.of(), "tea"));
    String id = ping(hook);
    awaitStatus(hook, "failed");
    assertThat(hook.newest())
        .containsEntry("attempts", 4)
        .containsEntry("responseCode", 418)
        .containsEntry("responseStart", "tea")
        .containsEntry("error", "The receiver answered 418.");

    // When
    ada.request()
        .post(hook.path() + "/deliveries/" + id + "/replay")
        .then()
        .statusCode(202)
        .body("delivery.id", equalTo(id))
        .body("delivery.status", equalTo("waiting"));

    // Then
    awaitStatus(hook, "delivered");
    assertThat(receiver.calls()).hasSize(5).allMatch(call -> call.id().equals(id));
  }

  @Test
  void shouldFollowNoRedirect() {
    try (Receiver elsewhere = new Receiver()) {
      Hook hook = ada.registers(receiver.url(), "match.finished");
      Reply away = new Reply(307, Map.of("Location", elsewhere.url()), "");
      receiver.answers(away, away, away, away);

      ping(hook);

      awaitStatus(hook, "failed");
      assertThat(elsewhere.calls()).isEmpty();
      assertThat(hook.newest())
          .containsEntry("error", "The receiver answered 307; redirects are not followed.");
    }
  }

  @Test
  void shouldReadOnlyTheBeginningOfAnAnswer() {
    Hook hook = ada.registers(receiver.url(), "match.finished");
    receiver.answers(new Reply(200, Map.of(), "\0" + "é".repeat(1_000_000)));

    ping(hook);

    awaitStatus(hook, "delivered");
    assertThat((String) hook.newest().get("responseStart")).startsWith("\uFFFDéé").hasSize(1000);
  }

  @Test
  void shouldConnectToNoPrivateAddressBehindAName() {
    // Given: a name, which is judged when it is looked up
    Hook hook = ada.registers("https://localhost:" + receiver.port() + "/hook", "match.finished");

    // When
    ping(hook);

    // Then
    awaitStatus(hook, "failed");
    assertThat(hook.newest())
        .containsEntry("error", "The host has an address that is not on the public internet.")
        .doesNotContainKey("responseCode");
    assertThat(receiver.calls()).isEmpty();
  }

  @Test
  void shouldLetASlowReceiverHoldUpNobody() {
    // Given
    CountDownLatch opened = new CountDownLatch(1);
    Hook slow = ada.registers(receiver.url(), "match.finished");
    receiver.waitsFor(opened);
    ping(slow);
    await().untilAsserted(() -> assertThat(receiver.calls()).isNotEmpty());

    // When
    try (Receiver quick = new Receiver()) {
      Hook other = User.fresh().registers(quick.url(), "match.finished");
      ping(other);

      // Then
      awaitStatus(other, "delivered");
      assertThat(slow.newest()).containsEntry("status", "waiting");
    } finally {
      opened.countDown();
    }
  }

  @Test
  void shouldCountAReceiverThatDoesNotAnswerInTimeAsFailed() {
    CountDownLatch opened = new CountDownLatch(1);
    Hook hook = ada.registers(receiver.url(), "match.finished");
    receiver.waitsFor(opened);
    try {
      ping(hook);

      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(hook.newest())
                      .containsEntry("error", "The receiver did not answer in time."));
    } finally {
      opened.countDown();
    }
  }

  @Test
  void shouldHaveOnePingUnderWayAndNoneToADisabledHook() {
    // Given
    CountDownLatch opened = new CountDownLatch(1);
    Hook hook = ada.registers(receiver.url(), "match.finished");
    receiver.waitsFor(opened);
    String id = ping(hook);
    await().untilAsserted(() -> assertThat(receiver.calls()).isNotEmpty());

    // Then
    try {
      ada.request()
          .post(hook.path() + "/ping")
          .then()
          .statusCode(409)
          .body("code", equalTo("delivery_under_way"));
      ada.request()
          .post(hook.path() + "/deliveries/" + id + "/replay")
          .then()
          .statusCode(409)
          .body("code", equalTo("delivery_under_way"));
    } finally {
      opened.countDown();
    }
    ada.request()
        .body(Map.of("url", receiver.url(), "events", List.of("match.finished"), "enabled", false))
        .put(hook.path())
        .then()
        .statusCode(200);
    ada.request()
        .post(hook.path() + "/ping")
        .then()
        .statusCode(409)
        .body("code", equalTo("webhook_disabled"));
  }

  @Test
  void shouldDisableAHookThatFailedForLong() {
    // Given
    Hook hook = ada.registers(receiver.url(), "match.finished");
    receiver.answers(Reply.of(500));
    database.change(
        "update webhook set failing_since = ? where id = ?",
        Instant.now().minus(Duration.ofDays(6)),
        UUID.fromString(hook.id()));

    // When
    ping(hook);

    // Then
    await()
        .untilAsserted(
            () ->
                ada.request()
                    .get(hook.path())
                    .then()
                    .body("webhook.enabled", equalTo(false))
                    .body("webhook.disabledReason", containsString("120 hours")));
    assertThat(receiver.calls()).hasSize(1);
    ada.request()
        .body(Map.of("url", receiver.url(), "events", List.of("match.finished"), "enabled", true))
        .put(hook.path())
        .then()
        .body("webhook.disabledReason", equalTo(null))
        .body("webhook.failingSince", equalTo(null));
    // what waited is sent now
    awaitStatus(hook, "delivered");
  }

  @Test
  void shouldDeliverAgainWhatAKilledProcessHadLeased() {
    // Given: as a process leaves it that died in the middle of an attempt
    Hook hook = ada.registers(receiver.url(), "match.finished");
    UUID id = UUID.randomUUID();
    UUID lease = UUID.randomUUID();
    Instant now = Instant.now();
    database.change(
        "insert into delivery (id, webhook_id, event_id, type, body, state, attempts,"
            + " next_attempt_at, lease_id, created_at, last_attempt_at)"
            + " values (?, ?, 'x', 'ping', '{}', 'WAITING', 1, ?, ?, ?, ?)",
        id,
        UUID.fromString(hook.id()),
        now.minusSeconds(1),
        lease,
        now.minusSeconds(60),
        now.minusSeconds(60));

    // Then
    awaitStatus(hook, "delivered");
    assertThat(hook.newest()).containsEntry("attempts", 2);

    // When: the first one comes back
    boolean counted =
        leases.settle(
            new Attempt(id, lease, 1, "{}", hooks.find(UUID.fromString(hook.id())).orElseThrow()),
            Outcome.failed("late"));

    // Then
    assertThat(counted).isFalse();
    assertThat(hook.newest()).containsEntry("status", "delivered").doesNotContainKey("error");
  }

  @Test
  void shouldKeepTheNewestOfTheLogAndPageThroughIt() {
    // Given
    Hook hook = ada.registers(receiver.url(), "match.finished");
    for (int i = 1; i <= 8; i++) {
      ping(hook);
      awaitStatus(hook, "delivered");
    }
    ada.request()
        .get(hook.path() + "/deliveries?page=2&pageSize=3")
        .then()
        .body("total", equalTo(8))
        .body("page", equalTo(2))
        .body("pageSize", equalTo(3))
        .body("deliveries", hasSize(3));
    List<String> newest =
        ada.request().get(hook.path() + "/deliveries?pageSize=5").path("deliveries.id");

    // When
    retention.sweep();

    // Then
    ada.request()
        .get(hook.path() + "/deliveries?pageSize=1000")
        .then()
        .body("pageSize", equalTo(100))
        .body("deliveries.id", contains(newest.toArray()));
    ada.request().get(hook.path() + "/deliveries?page=x").then().statusCode(400);
  }

  private String ping(Hook hook) {
    return hook.owner()
        .request()
        .post(hook.path() + "/ping")
        .then()
        .statusCode(202)
        .body("delivery.status", equalTo("waiting"))
        .extract()
        .path("delivery.id");
  }

  private static void awaitStatus(Hook hook, String status) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(hook.newest()).containsEntry("status", status));
  }
}
