package org.rlarena.build.log;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The open log of one run. Lines gather in memory and go to the store in chunks, at the latest with
 * the next {@link #flush()}, which the owner of the log calls every second. Thread-safe.
 *
 * <p>Output of tools is cut after {@value #MAX_CHARACTERS} characters per attempt; notes of the
 * service itself are few and always kept, so a log ends with its result.
 */
public final class BuildLog implements AutoCloseable {

  static final int MAX_CHARACTERS = 1024 * 1024;
  static final String CUT_MARK = "[log cut: more than 1 MiB of output]";
  private static final int CHUNK = 4096;

  private final LogText text;
  private final Consumer<String> sink;
  private final StringBuilder pending = new StringBuilder();
  private final Instant earlierUntil;
  private int room;

  /**
   * @param hiddenPaths folders of this machine that must not be shown
   * @param written characters that earlier runs of this attempt have written
   * @param sink stores a chunk; if it throws, the chunk is kept and offered again
   */
  public BuildLog(List<String> hiddenPaths, LongSupplier written, Consumer<String> sink) {
    this(hiddenPaths, written.getAsLong(), null, sink);
  }

  BuildLog(List<String> hiddenPaths, long written, Instant earlierUntil, Consumer<String> sink) {
    this.text = new LogText(hiddenPaths);
    this.sink = sink;
    this.room = (int) Math.max(-1, MAX_CHARACTERS - written);
    this.earlierUntil = earlierUntil;
  }

  /** When earlier runs of this attempt last wrote; empty if this is the first. */
  public Optional<Instant> earlierUntil() {
    return Optional.ofNullable(earlierUntil);
  }

  /** A line of the service itself. */
  public synchronized void note(String line) {
    pending.append(text.clean(line)).append('\n');
    room = Math.max(-1, room - line.length());
    flushIfLarge();
  }

  /** A line that a tool or the agent printed. */
  public synchronized void output(String line) {
    if (room < 0) {
      return;
    }
    String clean = text.clean(line);
    if (clean.length() + 1 > room) {
      room = -1;
      pending.append(CUT_MARK).append('\n');
    } else {
      room -= clean.length() + 1;
      pending.append(clean).append('\n');
    }
    flushIfLarge();
  }

  /** Several lines that a tool or the agent printed. */
  public void outputAll(String lines) {
    lines.lines().forEach(this::output);
  }

  /** Hands what has gathered to the store. */
  public synchronized void flush() {
    if (!pending.isEmpty()) {
      sink.accept(pending.toString());
      pending.setLength(0);
    }
  }

  /** Flushes; the log is not written to afterwards. */
  @Override
  public void close() {
    flush();
  }

  private void flushIfLarge() {
    if (pending.length() >= CHUNK) {
      flush();
    }
  }
}
