package org.rlarena.webhook.hooks;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.webhook.Database;
import org.rlarena.webhook.WebhookConfig;
import org.rlarena.webhook.WebhookError;

/** All hooks, and what their owners do with them. */
@ApplicationScoped
public class Webhooks {

  private static final String SELECT = "select * from webhook ";

  private final Database database;
  private final Clock clock;
  private final int maxPerUser;

  Webhooks(Database database, Clock clock, WebhookConfig config) {
    this.database = database;
    this.clock = clock;
    this.maxPerUser = config.maxPerUser();
  }

  /** What a hook is to be like; every field valid. */
  record Wanted(URI url, List<String> events, String description, boolean enabled) {}

  /** The user's hook; refuses with {@code webhook_not_found}, also of somebody else's. */
  public Webhook own(UUID user, UUID id) {
    return database
        .one(SELECT + "where id = ? and owner_id = ?", Webhook::of, id, user)
        .orElseThrow(Webhooks::notFound);
  }

  /** As above, locked until the transaction ends. */
  public Webhook lockOwn(UUID user, UUID id) {
    return database
        .one(SELECT + "where id = ? and owner_id = ? for update", Webhook::of, id, user)
        .orElseThrow(Webhooks::notFound);
  }

  public Optional<Webhook> find(UUID id) {
    return database.one(SELECT + "where id = ?", Webhook::of, id);
  }

  /** A user's hooks, oldest first. */
  List<Webhook> of(UUID user) {
    return database.all(SELECT + "where owner_id = ? order by created_at, id", Webhook::of, user);
  }

  /** Refuses with {@code account_deleted} or {@code webhook_limit_reached}. */
  @Transactional
  Webhook create(UUID user, Wanted wanted) {
    // The lock makes the limit hold for two requests at once, and lets no hook slip in beside the
    // deletion of its owner.
    if (isDeleted(user)) {
      throw WebhookError.ACCOUNT_DELETED.because(
          "This account was deleted; log in with another one.");
    }
    if (of(user).size() >= maxPerUser) {
      throw WebhookError.WEBHOOK_LIMIT_REACHED.because(
          "You have " + maxPerUser + " webhooks, which is the most allowed; delete one first.");
    }
    UUID id = UUID.randomUUID();
    Instant now = clock.instant();
    database.change(
        "insert into webhook (id, owner_id, url, events, description, enabled,"
            + " secret_generation, created_at, updated_at) values (?, ?, ?, ?, ?, ?, 1, ?, ?)",
        id,
        user,
        wanted.url().toString(),
        wanted.events(),
        wanted.description(),
        wanted.enabled(),
        now,
        now);
    return own(user, id);
  }

  /** A hook that is enabled again begins without a past. Refuses with {@code webhook_not_found}. */
  @Transactional
  Webhook change(UUID user, UUID id, Change change) {
    Webhook hook = lockOwn(user, id);
    Wanted wanted = change.of(hook);
    database.change(
        "update webhook set url = ?, events = ?, description = ?, enabled = ?, updated_at = ?,"
            + " disabled_reason = case when ? then null else disabled_reason end,"
            + " failing_since = case when enabled then failing_since end where id = ?",
        wanted.url().toString(),
        wanted.events(),
        wanted.description(),
        wanted.enabled(),
        clock.instant(),
        wanted.enabled(),
        id);
    return own(user, id);
  }

  /** What a hook is to be like, given what it is like. */
  @FunctionalInterface
  interface Change {
    Wanted of(Webhook hook);
  }

  /** Gives a hook its next secret. Refuses with {@code webhook_not_found}. */
  @Transactional
  Webhook rotate(UUID user, UUID id) {
    lockOwn(user, id);
    Instant now = clock.instant();
    database.change(
        "update webhook set secret_generation = secret_generation + 1, secret_rotated_at = ?,"
            + " updated_at = ? where id = ?",
        now,
        now,
        id);
    return own(user, id);
  }

  /** Its deliveries go with it. Refuses with {@code webhook_not_found}. */
  @Transactional
  void delete(UUID user, UUID id) {
    lockOwn(user, id);
    database.change("delete from webhook where id = ?", id);
  }

  /** Forgets a user's hooks and their deliveries, and takes no more of them, for ever. */
  public void bury(UUID user) {
    database.change(
        "insert into known_user (id, deleted) values (?, true)"
            + " on conflict (id) do update set deleted = true",
        user);
    database.change("delete from webhook where owner_id = ?", user);
  }

  /** Disables what a user has enabled, and tells why. */
  public void disableAll(UUID user, String reason) {
    database.change(
        "update webhook set enabled = false, disabled_reason = ?, updated_at = ?"
            + " where owner_id = ? and enabled",
        reason,
        clock.instant(),
        user);
  }

  /** Locks the user's row until the transaction ends. */
  private boolean isDeleted(UUID user) {
    database.change(
        "insert into known_user (id, deleted) values (?, false) on conflict do nothing", user);
    return database
        .one(
            "select deleted from known_user where id = ? for update",
            row -> row.getBoolean("deleted"),
            user)
        .orElse(false);
  }

  private static HttpProblem notFound() {
    return WebhookError.WEBHOOK_NOT_FOUND.because(
        "You have no webhook with this id, or it was deleted. Check the id.");
  }
}
