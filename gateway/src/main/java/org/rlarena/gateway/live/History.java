package org.rlarena.gateway.live;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The last messages, in the order in which this gateway sent them; bounded by age, number and
 * bytes. Not thread-safe: {@link Hub} guards it.
 *
 * <p>An id is this process's mark, a dot and the message's position. Replicas read the topics in
 * different orders, so what came before a message at one of them may have come after it at another.
 * A client that comes back to the same process gets exactly what it missed; one that comes to
 * another also gets what arrived {@value #OVERLAP_SECONDS} s before the message it names, and drops
 * the positions it knows.
 */
class History {

  static final int OVERLAP_SECONDS = 5;

  private final String mark;
  private final Clock clock;
  private final long keepMillis;
  private final int maxMessages;
  private final long maxBytes;
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();
  private final Map<String, Entry> byPosition = new HashMap<>();
  private long bytes;
  private long sequence;

  History(String mark, Clock clock, Duration keep, int maxMessages, long maxBytes) {
    this.mark = mark;
    this.clock = clock;
    this.keepMillis = keep.toMillis();
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  String idOf(String position) {
    return mark + "." + position;
  }

  /** Whether it has a message of this position; events may be read twice. */
  boolean knows(String position) {
    return byPosition.containsKey(position);
  }

  void add(String position, Message message) {
    Entry entry = new Entry(position, message, clock.millis(), ++sequence);
    entries.add(entry);
    byPosition.put(position, entry);
    bytes += message.size();
    trim();
  }

  /** Id of the last message, empty before the first. */
  Optional<String> lastId() {
    return Optional.ofNullable(entries.peekLast()).map(entry -> entry.message.id());
  }

  /** What came after a message, oldest first; empty if the id is unknown or too old. */
  Optional<List<Entry>> after(String id) {
    trim();
    int dot = id.indexOf('.');
    Entry last = dot < 0 ? null : byPosition.get(id.substring(dot + 1));
    if (last == null) {
      return Optional.empty();
    }
    boolean own = id.substring(0, dot).equals(mark);
    long since = last.at - OVERLAP_SECONDS * 1000L;
    List<Entry> missed = new ArrayList<>();
    for (Iterator<Entry> newest = entries.descendingIterator(); newest.hasNext(); ) {
      Entry entry = newest.next();
      if (own ? entry.sequence <= last.sequence : entry.at < since) {
        break;
      }
      if (entry != last) {
        missed.add(entry);
      }
    }
    return Optional.of(missed.reversed());
  }

  /** Number of the last message of this process; 0 before the first. */
  long sequence() {
    return sequence;
  }

  private void trim() {
    long oldest = clock.millis() - keepMillis;
    while (!entries.isEmpty()
        && (entries.size() > maxMessages || bytes > maxBytes || entries.peekFirst().at < oldest)) {
      Entry gone = entries.removeFirst();
      byPosition.remove(gone.position);
      bytes -= gone.message.size();
    }
  }

  /**
   * A message in its place.
   *
   * @param at when it came, milliseconds since the epoch
   * @param sequence number in this process, from 1
   */
  record Entry(String position, Message message, long at, long sequence) {}
}
