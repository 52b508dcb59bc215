package org.rlarena.rating.directory;

import static java.util.Objects.requireNonNull;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads names from {@code user.changed} (key: user), in a consumer group of its own: the access
 * library reads the same topic for revocations. A repeat or an older state changes nothing, by its
 * sequence. What cannot be decoded goes to {@code user.changed.rating-service.dlq}.
 */
@ApplicationScoped
class UsersListener {

  static final String CHANGED = "org.rlarena.user.changed.v1";
  static final String DELETED = "org.rlarena.user.deleted.v1";

  private final Inbox inbox;
  private final Directory directory;

  UsersListener(Inbox inbox, Directory directory) {
    this.inbox = inbox;
    this.directory = directory;
  }

  @Incoming("user-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "users",
        record,
        event -> {
          switch (event.type()) {
            case CHANGED -> {
              var user = event.as(UserChanged.class);
              directory.putUser(user.userId(), user.sequence(), user.username());
            }
            case DELETED -> {
              var gone = event.as(UserDeleted.class);
              directory.removeUser(gone.userId(), gone.sequence());
            }
            default -> {
              // a fact this service does not need
            }
          }
        });
  }

  /** What this service reads of {@code user.changed.v1}. */
  record UserChanged(UUID userId, long sequence, String username) {
    UserChanged {
      requireNonNull(userId, "userId");
      requireNonNull(username, "username");
      Sequences.check(sequence);
    }
  }

  /** What this service reads of {@code user.deleted.v1}. */
  record UserDeleted(UUID userId, long sequence) {
    UserDeleted {
      requireNonNull(userId, "userId");
      Sequences.check(sequence);
    }
  }
}
