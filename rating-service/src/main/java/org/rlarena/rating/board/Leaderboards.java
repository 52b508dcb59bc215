package org.rlarena.rating.board;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.TypedQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Agents by rating. An agent without a rated match stands at the start rating; deleted agents are
 * not on any board. A page is read from the index of its board, so it costs what stands on it and
 * before it, whatever the size of the board. No method needs a transaction: each reads by single
 * statements, and two of them would see two moments inside one as well.
 */
@ApplicationScoped
class Leaderboards {

  private static final String ALL = "e.listed";
  private static final String PLAYING = "e.listed and e.playing and e.environmentId = :environment";

  /**
   * Names and results are looked up for the agents of the page alone. Its size stands in the text,
   * and the first page has no offset: of parameters the database assumes a tenth of the table, and
   * reads whole tables for that or plans each question anew.
   */
  private static final String ROWS =
      """
      select a.id, a.ownerId, coalesce(u.username, ''), a.name, a.description, a.environmentId,
        p.elo, coalesce(r.wins, 0), coalesce(r.losses, 0), coalesce(r.draws, 0),
        s.submissionId, a.createdAt, a.updatedAt, 0L
      from (
          select e.agentId as agentId, e.elo as elo, e.createdAt as createdAt
          from BoardEntry e where %s
          order by e.elo desc, e.createdAt desc, e.agentId limit %d%s) p
        join KnownAgent a on a.id = p.agentId
        left join Rating r on r.agentId = p.agentId
        left join KnownUser u on u.id = a.ownerId
        left join ActiveSubmission s on s.agentId = p.agentId and s.active
      order by p.elo desc, p.createdAt desc, p.agentId
      """;

  private static final String BETTER =
      "select count(*) from BoardEntry e where %s and e.elo > :elo";

  private final EntityManager entities;
  private final StartRating start;

  Leaderboards(EntityManager entities, StartRating start) {
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
    return Optional.ofNullable(
            entities
                .createQuery(
                    "select s.playing from BoardSize s where s.environmentId = :environment",
                    Long.class)
                .setParameter("environment", environmentId)
                .getSingleResultOrNull())
        .orElse(0L);
  }

  private List<BoardRow> page(
      String board, Consumer<TypedQuery<?>> parameters, int page, int size) {
    start.ensure();
    int skipped = (page - 1) * size;
    String offset = skipped == 0 ? "" : " offset :skipped";
    TypedQuery<BoardRow> query =
        entities.createQuery(ROWS.formatted(board, size, offset), BoardRow.class);
    if (skipped > 0) {
      query.setParameter("skipped", skipped);
    }
    parameters.accept(query);
    List<BoardRow> rows = query.getResultList();
    return ranked(rows, skipped, firstRank(rows, skipped, board, parameters));
  }

  /** Equals of a page's first row may stand on the page before. */
  private long firstRank(
      List<BoardRow> rows, int skipped, String board, Consumer<TypedQuery<?>> parameters) {
    if (skipped == 0 || rows.isEmpty()) {
      return 1;
    }
    TypedQuery<Long> better =
        entities
            .createQuery(BETTER.formatted(board), Long.class)
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
