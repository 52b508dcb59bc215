package org.rlarena.match.play;

import static java.util.Objects.requireNonNull;

import java.util.Set;

/**
 * Somewhere matches can be played now.
 *
 * @param name names it among all places, such as {@code host:port}
 * @param capacity matches at once
 * @param environments ids of what it plays
 */
public record Place(String name, int capacity, Set<String> environments) {

  public Place {
    requireNonNull(name, "name");
    environments = Set.copyOf(environments);
  }
}
