package org.rlarena.webhook.events;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;
import org.rlarena.webhook.hooks.Webhooks;

/**
 * Reads {@code user.changed} (key: user), in a consumer group of its own. A user who is gone loses
 * all hooks and gets no more; those of a banned one are disabled, and stay so until their owner is
 * let in again and enables them. A repeat finds nothing to do. What cannot be decoded goes to
 * {@code user.changed.webhook-service.dlq}.
 */
@ApplicationScoped
class UserListener {

  static final String CHANGED = "org.rlarena.user.changed.v1";
  static final String DELETED = "org.rlarena.user.deleted.v1";
  private static final String BANNED = "banned";

  private final Inbox inbox;
  private final Webhooks hooks;

  UserListener(Inbox inbox, Webhooks hooks) {
    this.inbox = inbox;
    this.hooks = hooks;
  }

  @Incoming("users")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "users",
        record,
        event -> {
          switch (event.type()) {
            case DELETED -> hooks.bury(event.as(Deleted.class).userId());
            case CHANGED -> {
              Changed user = event.as(Changed.class);
              if (user.status().equals(BANNED)) {
                hooks.disableAll(user.userId(), "The account was banned.");
              }
            }
            default -> {} // types to come
          }
        });
  }

  /** What this service reads of {@code user.changed.v1}. */
  @RegisterForReflection
  record Changed(UUID userId, String status) {
    Changed {
      requireNonNull(userId, "userId");
      requireNonNull(status, "status");
    }
  }

  /** What this service reads of {@code user.deleted.v1}. */
  @RegisterForReflection
  record Deleted(UUID userId) {
    Deleted {
      requireNonNull(userId, "userId");
    }
  }
}
