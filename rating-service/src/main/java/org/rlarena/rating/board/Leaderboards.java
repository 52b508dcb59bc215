package org.rlarena.rating.board;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.hibernate.Session;
import org.hibernate.query.NativeQuery;

/**
 * Agents by rating. An agent without a rated match stands at the start rating; deleted agents are
 * not on any board. A page is read from the index of its board, so it costs what stands on it and
 * before it, whatever the size of the board. No method needs a transaction: each reads by single
 * statements, and two of them would see two moments inside one as well.
 */
@ApplicationScoped
class Leaderboards {

  private static final String ALL = "e.listed";
  private static final String PLAYING =
      "e.listed and e.playing and e.environment_id = :environment";

  /**
   * Owners' names are looked up for the rows of the page alone. Its size stands in the text, and
   * the first page has no offset: of parameters the database assumes a tenth of the table, and
   * reads whole tables for that or plans each question anew. In SQL, since Hibernate would read
   * each text for a tenth of a second when it is new and keep what it made of it.
   */
  private static final String ROWS =
      """
      select p.agent_id, p.owner_id, coalesce(u.username, '') as username, p.name, p.description,
        p.environment_id, p.elo, p.wins, p.losses, p.draws, p.submission_id, p.created_at,
        p.updated_at
      from (
          select e.* from board_entry e where %s
          order by e.elo desc, e.created_at desc, e.agent_id limit %d%s) p
        left join known_user u on u.id = p.owner_id
      order by p.elo desc, p.created_at desc, p.agent_id
      """;

  private static final String BETTER =
      "select count(*) from board_entry e where %s and e.elo > :elo";

  private final Session entities;
  private final StartRating start;

  Leaderboards(Session entities, StartRating start) {
    this.entities = entities;
    this.start = start;
  }

  /** Every agent of every environment, with or without a version that plays. */
  List<BoardRow> overall(int page, int size) {
    return page(ALL, query -> {}, page, size);
  }

  long countOverall() {
    return entities
        .createQuery("select coalesce(sum(s.listed), 0) from BoardSize s", Long.class)
        .getSingleResult();
  }

  /** The agents of an environment that have a version that plays. */
  List<BoardRow> of(String environmentId, int page, int size) {
    return page(PLAYING, query -> query.setParameter("environment", environmentId), page, size);
  }

  long countOf(String environmentId) {
    BoardSize size = entities.find(BoardSize.class, environmentId);
    return size == null ? 0 : size.playing;
  }

  private List<BoardRow> page(
      String board, Consumer<NativeQuery<?>> parameters, int page, int size) {
    start.ensure();
    int skipped = (page - 1) * size;
    String offset = skipped == 0 ? "" : " offset :skipped";
    NativeQuery<Object[]> query =
        entities
            .createNativeQuery(ROWS.formatted(board, size, offset), Object[].class)
            .addScalar("agent_id", UUID.class)
            .addScalar("owner_id", UUID.class)
            .addScalar("username", String.class)
            .addScalar("name", String.class)
            .addScalar("description", String.class)
            .addScalar("environment_id", String.class)
            .addScalar("elo", Integer.class)
            .addScalar("wins", Integer.class)
            .addScalar("losses", Integer.class)
            .addScalar("draws", Integer.class)
            .addScalar("submission_id", UUID.class)
            .addScalar("created_at", Instant.class)
            .addScalar("updated_at", Instant.class);
    if (skipped > 0) {
      query.setParameter("skipped", skipped);
    }
    parameters.accept(query);
    List<BoardRow> rows = query.setTupleTransformer((row, names) -> unranked(row)).getResultList();
    return ranked(rows, skipped, firstRank(rows, skipped, board, parameters));
  }

  private static BoardRow unranked(Object[] row) {
    return new BoardRow(
        (UUID) row[0],
        (UUID) row[1],
        (String) row[2],
        (String) row[3],
        (String) row[4],
        (String) row[5],
        (int) row[6],
        (int) row[7],
        (int) row[8],
        (int) row[9],
        (UUID) row[10],
        (Instant) row[11],
        (Instant) row[12],
        0);
  }

  /** Equals of a page's first row may stand on the page before. */
  private long firstRank(
      List<BoardRow> rows, int skipped, String board, Consumer<NativeQuery<?>> parameters) {
    if (skipped == 0 || rows.isEmpty()) {
      return 1;
    }
    NativeQuery<Long> better =
        entities
            .createNativeQuery(BETTER.formatted(board), Long.class)
            .setParameter("elo", rows.getFirst().elo());
    parameters.accept(better);
    return 1 + better.getSingleResult();
  }

  private static List<BoardRow> ranked(List<BoardRow> rows, int skipped, long firstRank) {
    List<BoardRow> ranked = new ArrayList<>(rows.size());
    long rank = firstRank;
    for (int i = 0; i < rows.size(); i++) {
      if (i > 0 && rows.get(i).elo() != rows.get(i - 1).elo()) {
        rank = skipped + i + 1L;
      }
      ranked.add(rows.get(i).at(rank));
    }
    return ranked;
  }
}
