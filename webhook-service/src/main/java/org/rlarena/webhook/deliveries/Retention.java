package org.rlarena.webhook.deliveries;

import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jboss.logging.Logger;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.webhook.Database;
import org.rlarena.webhook.WebhookConfig;

/** Keeps the log small: by age, and by number for each hook. Every step repeats safely. */
@ApplicationScoped
class Retention {

  private static final Logger LOG = Logger.getLogger(Retention.class);
  private static final int BATCH = 1000;

  private final Database database;
  private final SchemaMigration schema;
  private final Clock clock;
  private final Duration keep;
  private final int keepPerHook;

  Retention(Database database, SchemaMigration schema, Clock clock, WebhookConfig config) {
    this.database = database;
    this.schema = schema;
    this.clock = clock;
    this.keep = config.keep();
    this.keepPerHook = config.keepPerHook();
  }

  @Scheduled(
      every = "${arena.webhook.sweep-interval}",
      delayed = "10s",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void sweepInTime() {
    if (!schema.isReady()) {
      return;
    }
    try {
      sweep();
    } catch (RuntimeException e) {
      LOG.warnf("Sweeping stopped and will be tried again: %s", e.getMessage());
    }
  }

  void sweep() {
    Instant before = clock.instant().minus(keep);
    // also what waits for a hook that is disabled
    repeat(
        "delete from delivery where id in (select id from delivery where created_at < ?"
            + " and (lease_id is null or next_attempt_at < now())"
            + " limit ? for update skip locked)",
        before,
        BATCH);
    repeat(
        """
        delete from delivery where id in (
          select id from (
            select id, row_number() over (
              partition by webhook_id order by created_at desc, id desc) n
            from delivery where state <> 'WAITING') ended
          where n > ? limit ?)
        """,
        keepPerHook,
        BATCH);
    repeat(
        "delete from early_build where event_id in"
            + " (select event_id from early_build where stored_at < ? limit ?)",
        before,
        BATCH);
  }

  private void repeat(String sql, Object... parameters) {
    while (database.change(sql, parameters) == BATCH) {
      // the next ones
    }
  }
}
