package org.rlarena.webhook.events;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.outbox.IncomingEvent;
import org.rlarena.webhook.Database;
import org.rlarena.webhook.deliveries.Deliveries;

/**
 * Whose an agent is. Rows change only for a higher sequence and never a tombstone, so events may
 * come twice or in any order. Every method runs in the transaction of the inbox.
 */
@ApplicationScoped
class Agents {

  private final Database database;
  private final Deliveries deliveries;
  private final FanOut fanOut;
  private final Clock clock;

  Agents(Database database, Deliveries deliveries, FanOut fanOut, Clock clock) {
    this.database = database;
    this.deliveries = deliveries;
    this.fanOut = fanOut;
    this.clock = clock;
  }

  /** Tells the agent's owner of a build, now or when it is known who that is. */
  void built(UUID agent, IncomingEvent event) {
    lock(agent);
    Optional<Known> known = find(agent);
    if (known.isEmpty()) {
      database.change(
          "insert into early_build (event_id, agent_id, type, occurred_at, body, stored_at)"
              + " values (?, ?, ?, ?, ?, ?) on conflict do nothing",
          event.id(),
          agent,
          FanOut.type(event),
          event.time(),
          fanOut.body(event),
          clock.instant());
    } else if (!known.get().deleted()) {
      fanOut.tell(BuildListener.TOPIC, event, List.of(known.get().owner()));
    }
  }

  void put(UUID agent, long sequence, UUID owner) {
    lock(agent);
    boolean first = find(agent).isEmpty();
    database.change(
        """
        insert into known_agent (id, sequence, owner_id, deleted) values (?, ?, ?, false)
        on conflict (id) do update set sequence = excluded.sequence, owner_id = excluded.owner_id
        where known_agent.sequence < excluded.sequence and not known_agent.deleted
        """,
        agent,
        sequence,
        owner);
    if (first) {
      takeEarly(agent)
          .forEach(
              build ->
                  deliveries.add(
                      BuildListener.TOPIC,
                      build.eventId(),
                      build.occurredAt(),
                      build.body(),
                      build.type(),
                      List.of(owner)));
    }
  }

  void bury(UUID agent, long sequence) {
    lock(agent);
    database.change(
        """
        insert into known_agent (id, sequence, deleted) values (?, ?, true)
        on conflict (id) do update set
          sequence = greatest(known_agent.sequence, excluded.sequence), deleted = true,
          owner_id = null
        """,
        agent,
        sequence);
    takeEarly(agent);
  }

  private record Known(UUID owner, boolean deleted) {}

  private record Early(String eventId, String type, Instant occurredAt, String body) {}

  private Optional<Known> find(UUID agent) {
    return database.one(
        "select owner_id, deleted from known_agent where id = ?",
        row -> new Known(row.getObject("owner_id", UUID.class), row.getBoolean("deleted")),
        agent);
  }

  private List<Early> takeEarly(UUID agent) {
    return database.all(
        "delete from early_build where agent_id = ? returning *",
        row ->
            new Early(
                row.getString("event_id"),
                row.getString("type"),
                Database.instant(row, "occurred_at"),
                row.getString("body")),
        agent);
  }

  /**
   * Held until the transaction ends: the agent and its build are read by two threads, neither of
   * which may miss what the other is just storing.
   */
  private void lock(UUID agent) {
    database.one(
        "select pg_advisory_xact_lock(hashtextextended(?, 0))", row -> true, "agent " + agent);
  }
}
