package org.rlarena.gateway.live;

import io.vertx.core.Context;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.rlarena.gateway.caller.Caller;

/**
 * One client. Messages wait in a bounded queue until its wire takes them; a client that falls
 * behind the bound is dropped, so it costs the others nothing. What it missed while it was away may
 * exceed the bound: those messages are held by the history anyway.
 */
class Connection {

  final Caller caller;
  private final Context context;
  private final Wire wire;
  private final int maxMessages;
  private final long maxBytes;

  /**
   * Guarded by {@link Hub}: what it listens to, and the number of the last message before it did.
   */
  final Map<Topic, Long> topics = new HashMap<>();

  /** Guarded by {@link Hub}: whether it has asked for what it missed. */
  boolean resumed;

  private final ArrayDeque<Message> queue = new ArrayDeque<>();
  private long bytes;
  private int replayed;
  private long replayedBytes;
  private boolean scheduled;
  private boolean over;

  Connection(Caller caller, Context context, Wire wire, int maxMessages, long maxBytes) {
    this.caller = caller;
    this.context = context;
    this.wire = wire;
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  /** Guarded by {@link Hub}: whether it is to get, and has not been sent, a message of the past. */
  boolean lacks(History.Entry entry) {
    boolean wanted = false;
    for (Topic topic : entry.message().topics()) {
      Long since = topics.get(topic);
      if (since != null && entry.sequence() > since) {
        return false;
      }
      wanted |= since != null;
    }
    return wanted;
  }

  /** Queues a message, from any thread; returns whether the client keeps up. */
  synchronized boolean offer(Message message) {
    if (over) {
      return true;
    }
    if (queue.size() - replayed >= maxMessages
        || bytes - replayedBytes + message.size() > maxBytes) {
      end(Wire.Ending.SLOW);
      return false;
    }
    enqueue(message);
    return true;
  }

  /** Queues a message of the past. */
  synchronized void replay(Message message) {
    if (!over) {
      replayed++;
      replayedBytes += message.size();
      enqueue(message);
    }
  }

  /** Ends the connection from any thread. */
  synchronized void end(Wire.Ending ending) {
    if (!over) {
      over = true;
      queue.clear();
      context.runOnContext(now -> wire.close(ending));
    }
  }

  /** The client has gone. */
  synchronized void gone() {
    over = true;
    queue.clear();
  }

  void ping(String lastId) {
    wire.ping(lastId);
  }

  private void enqueue(Message message) {
    queue.add(message);
    bytes += message.size();
    if (!scheduled) {
      scheduled = true;
      context.runOnContext(now -> drain());
    }
  }

  private void drain() {
    while (true) {
      Message next;
      synchronized (this) {
        if (over || queue.isEmpty()) {
          scheduled = false;
          return;
        }
        if (wire.isFull()) {
          wire.onDrain(this::drain);
          return;
        }
        next = queue.removeFirst();
        bytes -= next.size();
        if (replayed > 0) {
          replayed--;
          replayedBytes = Math.max(0, replayedBytes - next.size());
        }
      }
      wire.send(next);
    }
  }
}
