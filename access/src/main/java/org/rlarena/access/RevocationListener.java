package org.rlarena.access;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code user.changed} (key: user) for revocations, in a consumer group of its own beside the
 * service's other readers. A repeat is harmless: a state that is not newer changes nothing. What
 * cannot be decoded goes to {@code user.changed.<service>.dlq}.
 */
@ApplicationScoped
class RevocationListener {

  private static final String CHANGED = "org.rlarena.user.changed.v1";
  private static final String DELETED = "org.rlarena.user.deleted.v1";

  private final Inbox inbox;
  private final Revocations revocations;

  RevocationListener(Inbox inbox, Revocations revocations) {
    this.inbox = inbox;
    this.revocations = revocations;
  }

  @Incoming("access-user-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "access",
        record,
        event -> {
          switch (event.type()) {
            case CHANGED -> revocations.apply(event.as(UserChanged.class));
            case DELETED -> {
              var deleted = event.as(UserChanged.UserDeleted.class);
              revocations.applyDeletion(deleted.userId(), deleted.sequence());
            }
            default -> {
              // a fact that does not concern tokens
            }
          }
        });
  }
}
