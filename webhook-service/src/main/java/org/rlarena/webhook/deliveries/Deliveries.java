package org.rlarena.webhook.deliveries;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.rlarena.webhook.Database;
import org.rlarena.webhook.WebhookError;
import org.rlarena.webhook.hooks.Webhook;
import org.rlarena.webhook.hooks.Webhooks;

/** What is to be told, from the event on: made here, read and repeated by the hooks' owners. */
@ApplicationScoped
public class Deliveries {

  static final String PING = "ping";

  /** By how much the clocks of two services may differ. */
  private static final Duration SKEW = Duration.ofMinutes(1);

  private final Database database;
  private final Webhooks hooks;
  private final Event<DeliveryWaiting> announcement;
  private final ObjectMapper json;
  private final Clock clock;

  Deliveries(
      Database database,
      Webhooks hooks,
      Event<DeliveryWaiting> announcement,
      ObjectMapper json,
      Clock clock) {
    this.database = database;
    this.hooks = hooks;
    this.announcement = announcement;
    this.json = json;
    this.clock = clock;
  }

  /**
   * Makes a delivery for each enabled hook of these users that wants the event and is not younger
   * than it. In the running transaction; a repeat changes nothing.
   *
   * @param topic what hooks ask for
   * @param eventId the same when the event is read again
   */
  public void add(
      String topic,
      String eventId,
      Instant occurredAt,
      String body,
      String type,
      Collection<UUID> users) {
    Instant now = clock.instant();
    int made =
        database.change(
            """
            insert into delivery
              (id, webhook_id, event_id, type, body, state, attempts, next_attempt_at, created_at)
            select gen_random_uuid(), id, ?, ?, ?, 'WAITING', 0, ?, ? from webhook
            where owner_id = any(?) and enabled and ? = any(events) and created_at <= ?
            on conflict (webhook_id, event_id) do nothing
            """,
            eventId,
            type,
            body,
            now,
            now,
            users,
            topic,
            occurredAt.plus(SKEW));
    if (made > 0) {
      announcement.fire(new DeliveryWaiting());
    }
  }

  /** A message as it is sent, as JSON. */
  public String body(Message message) {
    try {
      return json.writeValueAsString(message);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON: " + message.type(), e);
    }
  }

  /**
   * Sends a test. Refuses with {@code webhook_not_found}, {@code webhook_disabled} or, while
   * another one waits, {@code delivery_under_way}.
   */
  @Transactional
  Delivery ping(UUID user, UUID hookId) {
    Webhook hook = hooks.lockOwn(user, hookId);
    requireEnabled(hook);
    boolean waits =
        database
            .one(
                "select 1 from delivery where webhook_id = ? and type = ? and state = 'WAITING'",
                row -> true,
                hookId,
                PING)
            .isPresent();
    if (waits) {
      throw WebhookError.DELIVERY_UNDER_WAY.because(
          "The last ping of this webhook still waits to be taken; look at its deliveries.");
    }
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    Message message =
        new Message(
            PING, now, JsonNodeFactory.instance.objectNode().put("webhookId", hookId.toString()));
    database.change(
        "insert into delivery (id, webhook_id, event_id, type, body, state, attempts,"
            + " next_attempt_at, created_at) values (?, ?, ?, ?, ?, 'WAITING', 0, ?, ?)",
        id,
        hookId,
        PING + " " + id,
        PING,
        body(message),
        now,
        now);
    announcement.fire(new DeliveryWaiting());
    return get(hookId, id);
  }

  /**
   * Sends a message again, with all its attempts; one that waits for its next attempt is due at
   * once. Refuses with {@code webhook_not_found}, {@code delivery_not_found}, {@code
   * webhook_disabled}, or {@code delivery_under_way} while an attempt is.
   */
  @Transactional
  Delivery replay(UUID user, UUID hookId, UUID id) {
    Webhook hook = hooks.lockOwn(user, hookId);
    get(hookId, id);
    requireEnabled(hook);
    Instant now = clock.instant();
    int changed =
        database.change(
            "update delivery set state = 'WAITING', attempts = 0, next_attempt_at = ?,"
                + " lease_id = null, ended_at = null where id = ? and webhook_id = ?"
                + " and (lease_id is null or next_attempt_at <= ?)",
            now,
            id,
            hookId,
            now);
    if (changed == 0) {
      throw WebhookError.DELIVERY_UNDER_WAY.because(
          "This delivery is being attempted at the moment; try again in a few seconds.");
    }
    announcement.fire(new DeliveryWaiting());
    return get(hookId, id);
  }

  /** A page of a hook's log, newest first; {@code page} counts from 1. */
  List<Delivery> page(UUID hookId, int page, int pageSize) {
    return database.all(
        "select * from delivery where webhook_id = ? order by created_at desc, id desc"
            + " limit ? offset ?",
        Delivery::of,
        hookId,
        pageSize,
        (long) (page - 1) * pageSize);
  }

  long count(UUID hookId) {
    return database
        .one("select count(*) n from delivery where webhook_id = ?", r -> r.getLong("n"), hookId)
        .orElse(0L);
  }

  private Delivery get(UUID hookId, UUID id) {
    return database
        .one("select * from delivery where id = ? and webhook_id = ?", Delivery::of, id, hookId)
        .orElseThrow(
            () ->
                WebhookError.DELIVERY_NOT_FOUND.because(
                    "This webhook has no delivery with this id, or it is too old. Check the id."));
  }

  private static void requireEnabled(Webhook hook) {
    if (!hook.enabled()) {
      throw WebhookError.WEBHOOK_DISABLED.because(
          "This webhook is disabled; enable it before anything is sent to it.");
    }
  }
}
