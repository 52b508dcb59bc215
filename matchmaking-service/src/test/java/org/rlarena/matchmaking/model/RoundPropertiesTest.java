package org.rlarena.matchmaking.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** The rules of pairing, each for itself, on arbitrary fields of agents. */
class RoundPropertiesTest {

  private static final PairingSettings SETTINGS =
      new PairingSettings(
          100,
          Duration.ofSeconds(5),
          500,
          Duration.ofSeconds(60),
          100,
          Duration.ofMinutes(5),
          30,
          false);
  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @Property
  void shouldPairAnAgentAtMostOnceAndNeverWithItself(@ForAll("fields") List<Candidate> field) {
    List<UUID> paired = agents(Round.pair(SETTINGS, field, NOW)).map(Candidate::agentId).toList();

    assertThat(paired).doesNotHaveDuplicates();
    assertThat(field).extracting(Candidate::agentId).containsAll(paired);
  }

  @Property
  void shouldNeverPairAgentsOfOneOwner(@ForAll("fields") List<Candidate> field) {
    assertThat(Round.pair(SETTINGS, field, NOW))
        .noneMatch(pair -> pair.one().ownerId().equals(pair.other().ownerId()));
  }

  @Property
  void shouldPairNobodyWhoHasToRest(@ForAll("fields") List<Candidate> field) {
    assertThat(agents(Round.pair(SETTINGS, field, NOW)))
        .allSatisfy(
            agent -> {
              assertThat(agent.past().matchesToday()).isLessThan(100);
              assertThat(agent.waitingSince()).isBeforeOrEqualTo(NOW);
              if (agent.past().gamesOfVersion() >= 30) {
                assertThat(agent.past().lastFinishedAt().orElse(Instant.EPOCH))
                    .isBeforeOrEqualTo(NOW.minus(Duration.ofMinutes(5)));
              }
            });
  }

  @Property
  void shouldKeepWithinBothWindowsUnlessSomebodyWaitedAMinute(
      @ForAll("fields") List<Candidate> field) {
    assertThat(Round.pair(SETTINGS, field, NOW))
        .allSatisfy(
            pair -> {
              int distance = Math.abs(pair.one().rating() - pair.other().rating());
              if (waited(pair.one()) < 60 && waited(pair.other()) < 60) {
                assertThat(distance)
                    .isLessThanOrEqualTo(window(pair.one()))
                    .isLessThanOrEqualTo(window(pair.other()));
              }
            });
  }

  @Property
  void shouldRepeatAMatchOnlyWhenNobodyElseIsLeft(@ForAll("fields") List<Candidate> field) {
    List<Pair> pairs = Round.pair(SETTINGS, field, NOW);

    List<Candidate> left = left(field, pairs);
    for (Pair pair : pairs) {
      int repeats = repeats(pair.one(), pair.other());
      boolean anyoneWillDo = waited(pair.one()) >= 60;
      List<Candidate> choosing =
          anyoneWillDo ? List.of(pair.one()) : List.of(pair.one(), pair.other());
      for (Candidate agent : choosing) {
        assertThat(left)
            .noneMatch(third -> mayMeet(agent, third) && repeats(agent, third) < repeats);
      }
    }
  }

  @Property
  void shouldLeaveNobodyWaitingWhoCouldPlay(@ForAll("fields") List<Candidate> field) {
    List<Candidate> left = left(field, Round.pair(SETTINGS, field, NOW));

    for (Candidate one : left) {
      for (Candidate other : left) {
        if (mayMeet(one, other) && inReach(one, other)) {
          assertThat(repeats(one, other)).isPositive();
          assertThat(left)
              .anyMatch(
                  third ->
                      third != one
                          && third != other
                          && (mayMeet(one, third) && repeats(one, third) < repeats(one, other)
                              || mayMeet(other, third)
                                  && repeats(other, third) < repeats(one, other)));
        }
      }
    }
  }

  @Property
  void shouldFindSomebodyForEveryoneWhoWaitedAMinute(@ForAll("fields") List<Candidate> field) {
    List<Candidate> left = left(field, Round.pair(SETTINGS, field, NOW));

    assertThat(left)
        .filteredOn(agent -> waited(agent) >= 60)
        .allSatisfy(agent -> assertThat(left).noneMatch(other -> mayMeet(agent, other)));
  }

  @Property
  void shouldNotDependOnTheOrderOfTheField(@ForAll("fields") List<Candidate> field) {
    assertThat(Round.pair(SETTINGS, field.reversed(), NOW))
        .isEqualTo(Round.pair(SETTINGS, field, NOW));
  }

  /** A league over ten minutes: what holds round by round must add up for those who play in it. */
  @Property(tries = 50)
  void shouldLetEveryoneOfALeaguePlayAndSwapSeats(@ForAll("newcomers") List<Candidate> league) {
    Map<UUID, Candidate> waiting = new HashMap<>();
    league.forEach(agent -> waiting.put(agent.agentId(), agent));
    Map<UUID, Integer> games = new HashMap<>();
    Map<String, UUID> satFirst = new HashMap<>();
    Map<UUID, Integer> surplus = new HashMap<>();
    Instant now = NOW;

    for (int second = 0; second < 600; second += 5) {
      now = NOW.plusSeconds(second);
      List<Candidate> field = List.copyOf(waiting.values());
      for (Pair pair : Round.pair(SETTINGS, field, now)) {
        String key = key(pair);
        List<Candidate> seats =
            Seating.seats(pair, Optional.ofNullable(satFirst.get(key)), second % 2 == 0);
        UUID first = seats.getFirst().agentId();
        assertThat(first).isNotEqualTo(satFirst.put(key, first));
        surplus.merge(first, 1, Integer::sum);
        surplus.merge(seats.getLast().agentId(), -1, Integer::sum);
        for (Candidate agent : seats) {
          Candidate opponent = agent == pair.one() ? pair.other() : pair.one();
          games.merge(agent.agentId(), 1, Integer::sum);
          waiting.put(
              agent.agentId(),
              new Candidate(
                  agent.agentId(),
                  agent.ownerId(),
                  agent.rating(),
                  now.plusSeconds(5),
                  new PlayRecord(
                      Optional.of(now),
                      0,
                      0,
                      Optional.of(opponent.agentId()),
                      surplus.get(agent.agentId()))));
        }
      }
    }

    // ten minutes: far more than the minute after which anyone will do
    assertThat(league)
        .allSatisfy(agent -> assertThat(games.getOrDefault(agent.agentId(), 0)).isPositive());
  }

  @Provide
  Arbitrary<List<Candidate>> fields() {
    List<UUID> ids = Stream.generate(UUID::randomUUID).limit(12).toList();
    List<UUID> owners = Stream.generate(UUID::randomUUID).limit(5).toList();
    return candidates(ids, owners).list().ofMaxSize(12).uniqueElements(Candidate::agentId);
  }

  private static Arbitrary<Candidate> candidates(List<UUID> ids, List<UUID> owners) {
    Arbitrary<PlayRecord> pasts =
        Combinators.combine(
                Arbitraries.integers().between(0, 900).optional(0.7),
                Arbitraries.frequency(Tuple.of(9, 3), Tuple.of(1, 100)),
                Arbitraries.of(0, 29, 30, 200),
                Arbitraries.of(ids).optional(0.7),
                Arbitraries.integers().between(-10, 10))
            .as(
                (ended, today, games, last, surplus) ->
                    new PlayRecord(
                        ended.map(seconds -> NOW.minusSeconds(seconds)),
                        today,
                        games,
                        last,
                        surplus));
    return Combinators.combine(
            Arbitraries.of(ids),
            Arbitraries.of(owners),
            Arbitraries.integers().between(0, 2500),
            Arbitraries.integers().between(-10, 90),
            pasts)
        .as(
            (id, owner, rating, waited, past) ->
                new Candidate(id, owner, rating, NOW.minusSeconds(waited), past));
  }

  @Provide
  Arbitrary<List<Candidate>> newcomers() {
    return Arbitraries.integers()
        .between(0, 2500)
        .map(
            rating ->
                new Candidate(UUID.randomUUID(), UUID.randomUUID(), rating, NOW, PlayRecord.EMPTY))
        .list()
        .ofMinSize(2)
        .ofMaxSize(9);
  }

  private static Stream<Candidate> agents(List<Pair> pairs) {
    return pairs.stream().flatMap(pair -> Stream.of(pair.one(), pair.other()));
  }

  /** Those who could play and do not. */
  private static List<Candidate> left(List<Candidate> field, List<Pair> pairs) {
    var left = new ArrayList<>(field);
    left.removeAll(new HashSet<>(agents(pairs).toList()));
    left.removeIf(agent -> agent.waitingSince().isAfter(NOW));
    left.removeIf(agent -> agent.past().matchesToday() >= 100);
    left.removeIf(
        agent ->
            agent.past().gamesOfVersion() >= 30
                && agent
                    .past()
                    .lastFinishedAt()
                    .orElse(Instant.EPOCH)
                    .isAfter(NOW.minusSeconds(300)));
    return left;
  }

  private static boolean mayMeet(Candidate one, Candidate other) {
    return !one.agentId().equals(other.agentId()) && !one.ownerId().equals(other.ownerId());
  }

  private static boolean inReach(Candidate one, Candidate other) {
    return waited(one) >= 60
        || waited(other) >= 60
        || Math.abs(one.rating() - other.rating()) <= Math.min(window(one), window(other));
  }

  private static int repeats(Candidate one, Candidate other) {
    int ones = one.past().lastOpponent().equals(Optional.of(other.agentId())) ? 1 : 0;
    return ones + (other.past().lastOpponent().equals(Optional.of(one.agentId())) ? 1 : 0);
  }

  private static long waited(Candidate agent) {
    return Duration.between(agent.waitingSince(), NOW).toSeconds();
  }

  private static int window(Candidate agent) {
    return (int) Math.min(500, 100 + 100 * (waited(agent) / 5));
  }

  private static String key(Pair pair) {
    return Stream.of(pair.one().agentId().toString(), pair.other().agentId().toString())
        .sorted()
        .reduce("", String::concat);
  }
}
