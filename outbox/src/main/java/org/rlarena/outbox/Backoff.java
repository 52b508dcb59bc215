package org.rlarena.outbox;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What failed lately and may not be tried again yet; the pause doubles with each failure. */
final class Backoff {

  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private record Entry(Instant until, Duration pause) {}

  private final Map<String, Entry> entries = new HashMap<>();

  /** Blocks a name from now on; returns whether this is its first failure since a success. */
  boolean failed(String name, Instant now) {
    Entry old = entries.get(name);
    Duration pause = old == null ? FIRST : longer(old.pause());
    entries.put(name, new Entry(now.plus(pause), pause));
    return old == null;
  }

  /** Forgets the failures of a name. */
  void succeeded(String name) {
    entries.remove(name);
  }

  /** Names that are blocked at that time. */
  Set<String> blocked(Instant now) {
    return entries.entrySet().stream()
        .filter(e -> e.getValue().until().isAfter(now))
        .map(Map.Entry::getKey)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Lets every name be tried at once. */
  void clear() {
    entries.clear();
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST) < 0 ? twice : LONGEST;
  }
}
