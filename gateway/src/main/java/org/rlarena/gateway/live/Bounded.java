package org.rlarena.gateway.live;

import java.util.LinkedHashMap;
import java.util.Map;

/** Remembers the newest entries and forgets the oldest. Not thread-safe. */
final class Bounded<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int most;

  Bounded(int most) {
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
