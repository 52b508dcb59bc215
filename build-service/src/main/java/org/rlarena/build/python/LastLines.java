package org.rlarena.build.python;

import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;

/**
 * The last lines that a program wrote to its standard error, for the operator alone: they may name
 * hosts and paths, and what files of a submission are called. Thread-safe.
 */
public final class LastLines implements Consumer<String> {

  private static final int KEPT = 20;

  private final ConcurrentLinkedDeque<String> lines = new ConcurrentLinkedDeque<>();

  @Override
  public void accept(String line) {
    lines.add(line);
    if (lines.size() > KEPT) {
      lines.poll();
    }
  }

  /** In one line. */
  @Override
  public String toString() {
    return String.join(" | ", lines);
  }
}
