package org.rlarena.gateway.live;

import java.util.Set;

/**
 * A message as it is sent: the same bytes for every client that gets it.
 *
 * @param id by which a client says how far it has read; null for what cannot be asked for again
 * @param type such as {@code match_completed}
 * @param text the envelope, JSON on one line
 * @param topics who listens to one of these gets it
 */
record Message(String id, String type, String text, Set<Topic> topics) {

  /** Roughly what it takes in memory; JSON here is nearly all ASCII. */
  int size() {
    return text.length();
  }
}
