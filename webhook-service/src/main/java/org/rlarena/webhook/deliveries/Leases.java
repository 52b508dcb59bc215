package org.rlarena.webhook.deliveries;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.rlarena.webhook.Database;
import org.rlarena.webhook.WebhookConfig;
import org.rlarena.webhook.hooks.Webhook;
import org.rlarena.webhook.hooks.Webhooks;

/**
 * Who delivers what. A delivery is leased for longer than an attempt may take: that of a process
 * that died is due again when its lease is over. Outcomes count only for the lease they belong to.
 */
@ApplicationScoped
class Leases {

  private final Database database;
  private final Webhooks hooks;
  private final Clock clock;
  private final Pauses pauses;
  private final Duration lease;
  private final Duration disableAfter;
  private final int attempts;
  private final int perHook;

  Leases(Database database, Webhooks hooks, Clock clock, WebhookConfig config) {
    this.database = database;
    this.hooks = hooks;
    this.clock = clock;
    this.pauses = new Pauses(config.firstPause(), config.longestPause());
    this.lease = config.timeout().multipliedBy(2).plusSeconds(10);
    this.disableAfter = config.disableAfter();
    this.attempts = config.attempts();
    this.perHook = config.concurrencyPerHook();
  }

  /**
   * Leases what is due, at most so many; hooks that work go before those that fail, and none has
   * more under way than it may.
   */
  @Transactional
  List<Attempt> lease(int most) {
    Instant now = clock.instant();
    // Locked, so that two processes do not count the same hook's deliveries at once.
    List<UUID> due =
        database.all(
            """
            select w.id from webhook w where w.enabled and exists (
              select 1 from delivery d
              where d.webhook_id = w.id and d.state = 'WAITING' and d.next_attempt_at <= ?)
            and ? > (
              select count(*) from delivery d where d.webhook_id = w.id
              and d.state = 'WAITING' and d.lease_id is not null and d.next_attempt_at > ?)
            order by w.failing_since nulls first, w.id limit ? for no key update skip locked
            """,
            row -> row.getObject("id", UUID.class),
            now,
            perHook,
            now,
            most);
    List<Attempt> leased = new ArrayList<>();
    for (UUID hook : due) {
      if (leased.size() >= most) {
        break;
      }
      leased.addAll(leaseOf(hook, now, most - leased.size()));
    }
    return leased;
  }

  private List<Attempt> leaseOf(UUID hookId, Instant now, int most) {
    int underWay =
        database
            .one(
                "select count(*) n from delivery where webhook_id = ? and state = 'WAITING'"
                    + " and lease_id is not null and next_attempt_at > ?",
                row -> row.getInt("n"),
                hookId,
                now)
            .orElse(0);
    int free = Math.min(most, perHook - underWay);
    Optional<Webhook> hook = hooks.find(hookId);
    if (free <= 0 || hook.isEmpty()) {
      return List.of();
    }
    return database.all(
        """
        update delivery set lease_id = gen_random_uuid(), next_attempt_at = ?,
          attempts = attempts + 1, last_attempt_at = ?
        where id in (
          select id from delivery
          where webhook_id = ? and state = 'WAITING' and next_attempt_at <= ?
          order by next_attempt_at, id limit ? for update skip locked)
        returning id, lease_id, attempts, body
        """,
        row ->
            new Attempt(
                row.getObject("id", UUID.class),
                row.getObject("lease_id", UUID.class),
                row.getInt("attempts"),
                row.getString("body"),
                hook.get()),
        now.plus(lease),
        now,
        hookId,
        now,
        free);
  }

  /** Stores an outcome, unless the lease is another's by now; whether it did. */
  @Transactional
  boolean settle(Attempt attempt, Outcome outcome) {
    Instant now = clock.instant();
    UUID hook = attempt.hook().id();
    // The hook's row before the delivery's, as everywhere.
    if (outcome.taken()) {
      database.change(
          "update webhook set failing_since = null where id = ? and failing_since is not null",
          hook);
    } else {
      database.change(
          "update webhook set failing_since = ? where id = ? and failing_since is null", now, hook);
      database.change(
          "update webhook set enabled = false, disabled_reason = ?, updated_at = ?"
              + " where id = ? and enabled and failing_since <= ?",
          "It failed for "
              + disableAfter.toHours()
              + " hours without a success: mend the receiver, then enable it again.",
          now,
          hook,
          now.minus(disableAfter));
    }
    boolean over = outcome.taken() || attempt.number() >= attempts;
    Instant next = now.plus(pauses.after(attempt.number(), RandomGenerator.getDefault()));
    return database.change(
            "update delivery set state = ?, next_attempt_at = ?, lease_id = null, ended_at = ?,"
                + " response_code = ?, response_start = ?, error = ?"
                + " where id = ? and lease_id = ?",
            !over ? "WAITING" : outcome.taken() ? "DELIVERED" : "FAILED",
            over ? now : next,
            over ? now : null,
            outcome.code(),
            outcome.start(),
            outcome.error(),
            attempt.deliveryId(),
            attempt.leaseId())
        == 1;
  }

  /** Gives back what was not attempted to its end: it is due at once. */
  @Transactional
  void giveBack(Attempt attempt) {
    database.change(
        "update delivery set next_attempt_at = ?, lease_id = null, attempts = attempts - 1"
            + " where id = ? and lease_id = ?",
        clock.instant(),
        attempt.deliveryId(),
        attempt.leaseId());
  }
}
