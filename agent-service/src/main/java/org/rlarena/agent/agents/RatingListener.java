package org.rlarena.agent.agents;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code rating.changed} (key: environment): the standings to show in lists. Repeats and late
 * events are recognised by each agent's own sequence; events that cannot be read go to the dead
 * letters.
 */
@ApplicationScoped
class RatingListener {

  private final Inbox inbox;
  private final Agents agents;

  RatingListener(Inbox inbox, Agents agents) {
    this.inbox = inbox;
    this.agents = agents;
  }

  @Incoming("ratings")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "ratings",
        record,
        event -> {
          if (event.type().equals("org.rlarena.rating.changed.v1")) {
            take(event.as(RatingChanged.class));
          }
        });
  }

  private void take(RatingChanged event) {
    // Rows are locked in the order of ids, as everywhere in this service.
    event.changes().stream()
        .sorted(Comparator.comparing(Change::agentId))
        .forEach(
            change ->
                agents.rate(
                    change.agentId(),
                    change.after(),
                    change.wins(),
                    change.losses(),
                    change.draws(),
                    change.sequence()));
  }

  @RegisterForReflection
  record RatingChanged(List<Change> changes) {
    RatingChanged {
      changes = List.copyOf(changes);
    }
  }

  /**
   * How one agent moved.
   *
   * @param after rating points after the match
   * @param sequence number of rated matches of this agent, from 1
   */
  @RegisterForReflection
  record Change(UUID agentId, int after, int wins, int losses, int draws, long sequence) {
    Change {
      Objects.requireNonNull(agentId, "agentId");
      if (sequence < 1 || wins < 0 || losses < 0 || draws < 0) {
        throw new IllegalArgumentException("impossible standing");
      }
    }
  }
}
