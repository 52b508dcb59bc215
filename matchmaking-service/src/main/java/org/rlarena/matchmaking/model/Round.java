package org.rlarena.matchmaking.model;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Pairs the agents that wait in one environment at one moment.
 *
 * <p>The longest-waiting agent chooses first: among those in reach, one that it did not play last,
 * then the nearest rating, then whoever waits longer. Two are in reach when their ratings lie
 * within both windows, or when one of them has waited so long that anyone will do.
 *
 * <p>The same two do not meet again while somebody else waits whom one of them met longer ago, even
 * if that one comes in reach only later. An agent for which anyone will do does not wait for
 * others: it takes whom it met longest ago of those who are there. So nobody waits for ever, and no
 * pair plays on among themselves.
 *
 * <p>When a round ends, no two of those left over could be paired under these rules.
 */
public final class Round {

  private static final Comparator<Candidate> LONGEST_WAITING_FIRST =
      Comparator.comparing(Candidate::waitingSince).thenComparing(Candidate::agentId);

  private final PairingSettings settings;
  private final Instant now;
  private final List<Candidate> free;

  private Round(PairingSettings settings, List<Candidate> waiting, Instant now) {
    this.settings = settings;
    this.now = now;
    this.free =
        new ArrayList<>(
            waiting.stream()
                .filter(agent -> !agent.waitingSince().isAfter(now))
                .filter(agent -> !RestPolicy.earliest(agent.past(), settings, now).isAfter(now))
                .sorted(LONGEST_WAITING_FIRST)
                .toList());
  }

  /**
   * Finds the pairs.
   *
   * @param waiting agents without an open rated match, in any order, each once; those that have to
   *     rest are passed over
   * @param now the moment of the round, UTC
   */
  public static List<Pair> pair(PairingSettings settings, List<Candidate> waiting, Instant now) {
    return new Round(settings, waiting, now).pairs();
  }

  private List<Pair> pairs() {
    var pairs = new ArrayList<Pair>();
    // a pair may have stood in another's way, so look again until nothing changes
    for (int before = -1; before < pairs.size(); ) {
      before = pairs.size();
      for (Candidate chooser : List.copyOf(free)) {
        if (free.contains(chooser)) {
          opponentOf(chooser)
              .ifPresent(
                  opponent -> {
                    free.remove(chooser);
                    free.remove(opponent);
                    pairs.add(new Pair(chooser, opponent, reason(chooser, opponent)));
                  });
        }
      }
    }
    return pairs;
  }

  private Optional<Candidate> opponentOf(Candidate chooser) {
    return free.stream()
        .filter(other -> PairPolicy.mayMeet(chooser, other, settings))
        .filter(other -> inReach(chooser, other))
        .filter(other -> mayRepeat(chooser, other))
        .min(
            Comparator.comparing(chooser::repeats)
                .thenComparing(chooser::distance)
                .thenComparing(LONGEST_WAITING_FIRST));
  }

  private boolean inReach(Candidate one, Candidate other) {
    return anyoneWillDo(one)
        || anyoneWillDo(other)
        || one.distance(other) <= Math.min(window(one), window(other));
  }

  private boolean mayRepeat(Candidate chooser, Candidate other) {
    int repeats = chooser.repeats(other);
    return repeats == 0
        || anyoneWillDo(chooser)
        || free.stream()
            .filter(third -> third != chooser && third != other)
            .noneMatch(
                third -> isBetter(chooser, third, repeats) || isBetter(other, third, repeats));
  }

  /** Whether {@code third} is somebody to play instead of the same opponent again. */
  private boolean isBetter(Candidate agent, Candidate third, int repeats) {
    return agent.repeats(third) < repeats && PairPolicy.mayMeet(agent, third, settings);
  }

  private PairingReason reason(Candidate one, Candidate other) {
    int distance = one.distance(other);
    if (distance <= settings.windowStep()) {
      return PairingReason.CLOSE_RATING;
    }
    return distance <= Math.min(window(one), window(other)) && distance <= settings.windowMax()
        ? PairingReason.WIDENED_WINDOW
        : PairingReason.WAITED_LONG;
  }

  private boolean anyoneWillDo(Candidate agent) {
    return window(agent) == Integer.MAX_VALUE;
  }

  private int window(Candidate agent) {
    return settings.window(agent.waited(now));
  }
}
