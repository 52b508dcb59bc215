package org.rlarena.match.replays;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.rlarena.match.MatchConfig;
import org.rlarena.match.matches.Match;
import org.rlarena.match.matches.Matches;
import org.rlarena.match.matches.StoredObject;
import org.rlarena.match.replays.LogResource.LogFile;
import org.rlarena.match.replays.ReceivedFiles.Received;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.ObjectStore.Listed;
import org.rlarena.objects.StoredContent;
import org.rlarena.outbox.SchemaMigration;

/**
 * Removes what nobody may or can read any more: uploads of attempts whose result did not count,
 * what was received and never kept, what deleted agents printed, and replays that are older than
 * they are kept. Every step repeats safely, so dying in between costs nothing but a second look.
 */
@ApplicationScoped
class Sweeper {

  private static final Logger LOG = Logger.getLogger(Sweeper.class);
  private static final int BATCH = 200;

  private final ReceivedFiles files;
  private final ObjectStore store;
  private final UploadedObjects uploaded;
  private final Matches matches;
  private final EntityManager entities;
  private final SchemaMigration schema;
  private final ObjectMapper json;
  private final Clock clock;
  private final Duration age;
  private final Optional<Duration> retention;

  Sweeper(
      ReceivedFiles files,
      ObjectStore store,
      UploadedObjects uploaded,
      Matches matches,
      EntityManager entities,
      SchemaMigration schema,
      ObjectMapper json,
      Clock clock,
      MatchConfig config) {
    this.files = files;
    this.store = store;
    this.uploaded = uploaded;
    this.matches = matches;
    this.entities = entities;
    this.schema = schema;
    this.json = json;
    this.clock = clock;
    this.age = config.sweepAge();
    this.retention = config.replayRetention();
  }

  @Scheduled(
      every = "${arena.match.sweep-interval:10m}",
      delayed = "30s",
      concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void sweep() {
    if (!schema.isReady()) {
      return;
    }
    try {
      Instant before = clock.instant().minus(age);
      files.sweep(before);
      retention.ifPresent(kept -> expireReplays(clock.instant().minus(kept)));
      sweepMatches(before);
      eraseLogs();
    } catch (IOException | RuntimeException e) {
      LOG.warnf("Sweeping stopped and will be tried again: %s", e);
    }
  }

  /** Unpublishes them: sweeping their matches once more removes the files. */
  private void expireReplays(Instant before) {
    int expired;
    do {
      expired =
          QuarkusTransaction.requiringNew()
              .call(
                  () ->
                      entities
                          .createNativeQuery(EXPIRE)
                          .setParameter("before", before)
                          .executeUpdate());
    } while (expired == BATCH);
  }

  private static final String EXPIRE =
      """
      update match set swept = false,
        replay_key = null, replay_bytes = null, replay_sha256 = null,
        replay_html_key = null, replay_html_bytes = null, replay_html_sha256 = null
      where id in (
        select id from match where replay_key is not null and completed_at < :before
        order by completed_at limit %d)
      """
          .formatted(BATCH);

  private void sweepMatches(Instant before) throws IOException {
    List<UUID> over;
    do {
      over = ids(SWEEPABLE, before);
      for (UUID id : over) {
        sweep(id);
      }
    } while (over.size() == BATCH);
  }

  private static final String SWEEPABLE =
      """
      select id from match where not swept and completed_at < :before
      order by completed_at limit %d
      """
          .formatted(BATCH);

  private void sweep(UUID matchId) throws IOException {
    Set<String> published = QuarkusTransaction.requiringNew().call(() -> publishedKeys(matchId));
    for (ObjectKind kind : ObjectKind.values()) {
      for (Listed object : store.list(kind.prefix(matchId))) {
        if (!published.contains(object.key())) {
          store.delete(object.key());
        }
      }
    }
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              uploaded.forget(matchId);
              entities
                  .createNativeQuery("update match set swept = true where id = :id")
                  .setParameter("id", matchId)
                  .executeUpdate();
            });
  }

  private Set<String> publishedKeys(UUID matchId) {
    Match match = matches.findById(matchId);
    return Stream.of(match.replay(), match.replayHtml(), match.log())
        .flatMap(Optional::stream)
        .map(StoredObject::key)
        .collect(Collectors.toSet());
  }

  /** An agent that still plays is left for later: its last log is not there yet. */
  private void eraseLogs() throws IOException {
    for (UUID agentId : ids(AGENTS_TO_ERASE, null)) {
      for (UUID matchId : logsOf(agentId)) {
        eraseLog(matchId, agentId);
      }
      QuarkusTransaction.requiringNew()
          .run(
              () ->
                  entities
                      .createNativeQuery(
                          "update agent_entry set logs_to_erase = false where agent_id = :agent")
                      .setParameter("agent", agentId)
                      .executeUpdate());
    }
  }

  private static final String AGENTS_TO_ERASE =
      """
      select a.agent_id from agent_entry a where a.logs_to_erase and not exists (
        select 1 from match_participant p join match m on m.id = p.match_id
        where p.agent_id = a.agent_id and m.state in ('pending', 'running'))
      limit %d
      """
          .formatted(BATCH);

  private void eraseLog(UUID matchId, UUID agentId) throws IOException {
    Optional<StoredObject> log =
        QuarkusTransaction.requiringNew().call(() -> matches.findById(matchId).log());
    Optional<StoredContent> content =
        log.isEmpty() ? Optional.empty() : store.find(log.get().key());
    if (content.isEmpty()) {
      return;
    }
    LogFile all;
    try (InputStream in = content.get().open()) {
      all = json.readValue(in, LogFile.class);
    }
    LogFile rest =
        new LogFile(
            all.matchId(),
            all.attemptId(),
            all.agents().stream().filter(a -> !agentId.equals(a.agentId())).toList());
    byte[] text = json.writeValueAsBytes(rest);
    Received received = files.receive(new ByteArrayInputStream(text), Long.MAX_VALUE);
    try {
      StoredObject kept = files.keep(received, log.get().key());
      QuarkusTransaction.requiringNew()
          .run(() -> matches.locked(matchId).ifPresent(m -> m.replaceLog(kept)));
    } finally {
      files.drop(received);
    }
  }

  private List<UUID> logsOf(UUID agentId) {
    return QuarkusTransaction.requiringNew()
        .call(
            () ->
                entities
                    .createQuery(
                        "select m.id from Match m where m.log.key is not null and exists (select 1"
                            + " from Participant p where p.match = m and p.agentId = :agent)",
                        UUID.class)
                    .setParameter("agent", agentId)
                    .getResultList());
  }

  private List<UUID> ids(String sql, Instant before) {
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              var query = entities.createNativeQuery(sql, UUID.class);
              if (before != null) {
                query.setParameter("before", before);
              }
              @SuppressWarnings("unchecked")
              List<UUID> found = query.getResultList();
              return found;
            });
  }
}
