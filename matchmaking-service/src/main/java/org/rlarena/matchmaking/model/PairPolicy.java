package org.rlarena.matchmaking.model;

import java.util.List;

/** A reason for which two agents never meet, however long they wait. */
@FunctionalInterface
public interface PairPolicy {

  /** All of them. */
  List<PairPolicy> ALL = List.of(PairPolicy::notItself, PairPolicy::differentOwners);

  boolean allows(Candidate one, Candidate other, PairingSettings settings);

  /** Whether all policies let the two meet. */
  static boolean mayMeet(Candidate one, Candidate other, PairingSettings settings) {
    return ALL.stream().allMatch(policy -> policy.allows(one, other, settings));
  }

  private static boolean notItself(Candidate one, Candidate other, PairingSettings settings) {
    return !one.agentId().equals(other.agentId());
  }

  /** Else an owner could feed one agent's rating with another. */
  private static boolean differentOwners(Candidate one, Candidate other, PairingSettings settings) {
    return settings.allowSameOwner() || !one.ownerId().equals(other.ownerId());
  }
}
