package org.rlarena.rating.board;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.rating.Fixtures;

/** What the database's triggers keep in order for the boards. */
@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "rating_service"))
@WithTestResource(TestKeys.class)
class BoardEntriesIT {

  private static final int THREADS = 6;

  private static final String AGENT =
      """
      insert into known_agent (id, sequence, owner_id, name, description, environment_id,
        created_at, updated_at, deleted)
      values (:agent, 1, :agent, 'A', '', :environment, now(), now(), false)
      """;
  private static final String DELETED =
      """
      insert into known_agent (id, sequence, deleted) values (:agent, 2, true)
      on conflict (id) do update set sequence = 2, deleted = true, owner_id = null, name = null,
        description = null, environment_id = null, created_at = null, updated_at = null
      """;
  private static final String ACTIVE =
      """
      insert into active_submission (agent_id, sequence, submission_id, active)
      values (:agent, 1, :agent, true)
      """;
  private static final String INACTIVE =
      """
      insert into active_submission (agent_id, sequence, submission_id, active)
      values (:agent, 2, :agent, false)
      on conflict (agent_id) do update set sequence = 2, active = false
      """;
  private static final String RATED =
      """
      insert into rating (agent_id, environment_id, owner_id, elo, wins, losses, draws)
      values (:agent, :environment, :agent, 1220, 1, 0, 0)
      """;

  @Inject SchemaMigration schema;
  @Inject EntityManager entities;
  @Inject Leaderboards boards;

  private final String environment = Fixtures.environment();
  private final List<UUID> agents = Stream.generate(UUID::randomUUID).limit(40).toList();

  @BeforeEach
  void awaitSchema() {
    schema.await();
  }

  /** The ledger knows nothing of these ratings, and other tests compare the two. */
  @AfterEach
  void takeRatingsAway() {
    QuarkusTransaction.requiringNew()
        .run(
            () ->
                entities
                    .createNativeQuery("delete from rating where environment_id = :environment")
                    .setParameter("environment", environment)
                    .executeUpdate());
  }

  @Test
  void shouldLoseNothingOfWhatIsHeardAtTheSameTime() throws Exception {
    // Given: of every agent three things at once, of some a fourth
    var statements = new ArrayList<Callable<Integer>>();
    for (UUID agent : agents) {
      Stream.of(AGENT, ACTIVE, RATED).forEach(sql -> statements.add(() -> write(sql, agent)));
    }

    // When
    atOnce(statements);
    agents.subList(0, 3).forEach(agent -> write(DELETED, agent));
    agents.subList(2, 6).forEach(agent -> write(INACTIVE, agent));

    // Then: 40 without the 3 deleted and the 3 others without a version
    assertThat(boards.countOf(environment)).isEqualTo(34);
    assertThat(boards.of(environment, 1, 100))
        .hasSize(34)
        .allMatch(row -> row.elo() == 1220 && row.wins() == 1 && row.rank() == 1)
        .allMatch(row -> row.name().equals("A") && row.userId().equals(row.id()))
        .allMatch(row -> row.id().equals(row.activeSubmissionId()))
        .extracting(BoardRow::id)
        .containsExactlyInAnyOrderElementsOf(agents.subList(6, 40));
    assertThat(sizes(environment)).isEqualTo(Map.of("listed", 37L, "playing", 34L));
    assertThat(everybody())
        .filteredOn(row -> row.environmentId().equals(environment))
        .filteredOn(row -> row.activeSubmissionId() == null)
        .extracting(BoardRow::id)
        .containsExactlyInAnyOrderElementsOf(agents.subList(3, 6));
  }

  @Test
  void shouldMoveWhoNeverPlayedWithTheStartRating() {
    // Given
    UUID played = agents.get(0);
    UUID fresh = agents.get(1);
    List.of(AGENT, ACTIVE, RATED).forEach(sql -> write(sql, played));
    List.of(AGENT, ACTIVE).forEach(sql -> write(sql, fresh));

    try {
      // When
      new StartRating(entities, 1500).ensure();
      UUID later = agents.get(2);
      List.of(AGENT, ACTIVE).forEach(sql -> write(sql, later));

      // Then
      assertThat(boards.of(environment, 1, 10))
          .extracting(BoardRow::elo)
          .containsExactly(1500, 1500, 1220);
      assertThat(boards.of(environment, 1, 10))
          .extracting(BoardRow::rank)
          .containsExactly(1L, 1L, 3L);
    } finally {
      new StartRating(entities, 1200).ensure();
    }
  }

  private List<BoardRow> everybody() {
    return IntStream.iterate(1, page -> page + 1)
        .mapToObj(page -> boards.overall(page, 100))
        .takeWhile(rows -> !rows.isEmpty())
        .flatMap(List::stream)
        .toList();
  }

  private int write(String sql, UUID agent) {
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              var query = entities.createNativeQuery(sql).setParameter("agent", agent);
              if (sql.contains(":environment")) {
                query.setParameter("environment", environment);
              }
              return query.executeUpdate();
            });
  }

  private Map<String, Long> sizes(String environment) {
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              BoardSize size = entities.find(BoardSize.class, environment);
              return Map.of("listed", size.listed, "playing", size.playing);
            });
  }

  private static void atOnce(List<Callable<Integer>> statements) throws Exception {
    try (var pool = Executors.newFixedThreadPool(THREADS)) {
      for (Future<Integer> done : pool.invokeAll(statements)) {
        assertThat(done.get()).isEqualTo(1);
      }
    }
  }
}
