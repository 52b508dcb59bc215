package org.rlarena.rating.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.rlarena.rating.model.Contestant;
import org.rlarena.rating.model.Elo;
import org.rlarena.rating.model.EloSettings;
import org.rlarena.rating.model.Outcome;

/** What any list of matches among a few agents leaves in the ledger and in the ratings. */
class LedgerPropertiesTest {

  /** A high floor and few games: both bounds are met within a short list. */
  private static final EloSettings SETTINGS = new EloSettings(1200, 1150, 40, 3, 32, 6, 24);

  private static final List<UUID> AGENTS =
      IntStream.range(0, 6).mapToObj(n -> new UUID(n, n)).toList();

  /** Ratings by agent, and every change in the order of the ledger. */
  private record Books(Map<UUID, Rating> standings, List<List<LedgerChange>> ledger) {

    static Books after(List<MatchFinished> matches) {
      var books = new Books(new HashMap<>(), new ArrayList<>());
      for (MatchFinished match : matches) {
        match
            .participants()
            .forEach(seat -> books.standings.computeIfAbsent(seat.agentId(), Books::newcomer));
        books.ledger.add(RateMatch.record(SETTINGS, match, books.standings));
      }
      return books;
    }

    private static Rating newcomer(UUID agent) {
      var rating = new Rating();
      rating.agentId = agent;
      rating.elo = SETTINGS.start();
      return rating;
    }

    List<LedgerChange> of(UUID agent) {
      return ledger.stream().flatMap(List::stream).filter(c -> c.agentId().equals(agent)).toList();
    }

    /** As the table holds them. */
    Map<UUID, List<Integer>> rows() {
      var rows = new HashMap<UUID, List<Integer>>();
      standings.forEach(
          (agent, rating) ->
              rows.put(agent, List.of(rating.elo, rating.wins, rating.losses, rating.draws)));
      return rows;
    }
  }

  @Property
  void shouldAddUpToTheRating(@ForAll("matches") List<MatchFinished> matches) {
    Books books = Books.after(matches);

    books.standings.forEach(
        (agent, rating) -> {
          int sum = books.of(agent).stream().mapToInt(LedgerChange::change).sum();
          assertThat(SETTINGS.start() + sum).isEqualTo(rating.elo);
        });
  }

  @Property
  void shouldChainTheChangesOfAnAgentWithoutAGap(@ForAll("matches") List<MatchFinished> matches) {
    Books books = Books.after(matches);

    for (UUID agent : AGENTS) {
      int elo = SETTINGS.start();
      long games = 0;
      for (LedgerChange change : books.of(agent)) {
        assertThat(change.ratingBefore()).isEqualTo(elo);
        assertThat(change.ratingAfter()).isEqualTo(elo + change.change());
        assertThat(change.ratingAfter()).isGreaterThanOrEqualTo(SETTINGS.floor());
        assertThat(change.sequence()).isEqualTo(++games);
        elo = change.ratingAfter();
      }
    }
  }

  @Property
  void shouldCountEveryMatchOfAnAgentOnce(@ForAll("matches") List<MatchFinished> matches) {
    Books books = Books.after(matches);

    for (UUID agent : AGENTS) {
      var won = new int[Outcome.values().length];
      matches.forEach(
          match ->
              match.participants().stream()
                  .filter(seat -> seat.agentId().equals(agent))
                  .forEach(seat -> won[Outcome.of(seat.rank(), match.ranks()).ordinal()]++));
      List<Integer> row = books.rows().getOrDefault(agent, List.of(SETTINGS.start(), 0, 0, 0));
      assertThat(row.subList(1, 4))
          .containsExactly(
              won[Outcome.WIN.ordinal()], won[Outcome.LOSS.ordinal()], won[Outcome.DRAW.ordinal()]);
    }
  }

  /** By what each entry says of itself, not by what was in memory when it was made. */
  @Property
  void shouldBeRecomputableFromItsOwnEntries(@ForAll("matches") List<MatchFinished> matches) {
    Books books = Books.after(matches);

    Map<UUID, Integer> elo = new HashMap<>();
    Map<UUID, Integer> games = new HashMap<>();
    for (List<LedgerChange> entry : books.ledger) {
      List<Contestant> seats =
          entry.stream()
              .map(
                  change ->
                      new Contestant(
                          elo.getOrDefault(change.agentId(), SETTINGS.start()),
                          games.getOrDefault(change.agentId(), 0),
                          change.rank()))
              .toList();
      List<Integer> after = Elo.rate(SETTINGS, seats);
      assertThat(entry).extracting(LedgerChange::ratingAfter).isEqualTo(after);
      for (int seat = 0; seat < entry.size(); seat++) {
        elo.put(entry.get(seat).agentId(), after.get(seat));
        games.merge(entry.get(seat).agentId(), 1, Integer::sum);
      }
    }
  }

  /** So it does not matter which of two such matches commits first. */
  @Property
  void shouldNotCareAboutTheOrderOfMatchesWithoutACommonAgent(
      @ForAll("matches") List<MatchFinished> matches) {
    var reordered = new ArrayList<>(matches);
    for (int place = 1; place < reordered.size(); place++) {
      if (agents(reordered.get(place - 1)).stream()
          .noneMatch(agents(reordered.get(place))::contains)) {
        reordered.add(place - 1, reordered.remove(place));
      }
    }

    assertThat(Books.after(reordered).rows()).isEqualTo(Books.after(matches).rows());
  }

  private static List<UUID> agents(MatchFinished match) {
    return match.participants().stream().map(MatchFinished.Participant::agentId).toList();
  }

  @Provide
  Arbitrary<List<MatchFinished>> matches() {
    Arbitrary<List<UUID>> seats =
        Arbitraries.of(AGENTS).list().ofMinSize(2).ofMaxSize(4).uniqueElements();
    Arbitrary<List<Integer>> ranks = Arbitraries.integers().between(1, 4).list().ofSize(4);
    return Combinators.combine(seats, ranks).as(LedgerPropertiesTest::match).list().ofMaxSize(40);
  }

  private static MatchFinished match(List<UUID> agents, List<Integer> ranks) {
    List<MatchFinished.Participant> participants =
        IntStream.range(0, agents.size())
            .mapToObj(
                seat ->
                    new MatchFinished.Participant(
                        agents.get(seat), new UUID(7, 7), new UUID(8, 8), 1, ranks.get(seat)))
            .toList();
    return new MatchFinished(
        UUID.randomUUID(), "pong", true, participants, Instant.parse("2026-11-23T12:00:00Z"));
  }
}
