package org.rlarena.agent.agents;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.agent.owners.Owners;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code user.changed} (key: user). Names are taken over by sequence; a deleted user becomes
 * a tombstone and loses all agents in the same transaction, which makes a repeat find nothing to
 * do. Events that cannot be read go to the dead letters.
 */
@ApplicationScoped
class UserListener {

  private final Inbox inbox;
  private final Owners owners;
  private final ManageAgents manage;

  UserListener(Inbox inbox, Owners owners, ManageAgents manage) {
    this.inbox = inbox;
    this.owners = owners;
    this.manage = manage;
  }

  @Incoming("owners")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "owners",
        record,
        event -> {
          switch (event.type()) {
            case "org.rlarena.user.changed.v1" -> {
              Changed user = event.as(Changed.class);
              owners.rename(user.userId(), user.username(), user.sequence());
            }
            case "org.rlarena.user.deleted.v1" -> {
              Deleted user = event.as(Deleted.class);
              owners.bury(user.userId(), user.sequence());
              manage.deleteAllOf(user.userId());
            }
            default -> {
              // a fact this service does not need
            }
          }
        });
  }

  @RegisterForReflection
  record Changed(UUID userId, long sequence, String username) {
    Changed {
      Objects.requireNonNull(userId, "userId");
      Objects.requireNonNull(username, "username");
      requirePositive(sequence);
    }
  }

  @RegisterForReflection
  record Deleted(UUID userId, long sequence) {
    Deleted {
      Objects.requireNonNull(userId, "userId");
      requirePositive(sequence);
    }
  }

  private static void requirePositive(long sequence) {
    if (sequence < 1) {
      throw new IllegalArgumentException("sequence must be at least 1");
    }
  }
}
