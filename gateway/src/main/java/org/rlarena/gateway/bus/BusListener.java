package org.rlarena.gateway.bus;

import java.io.IOException;
import java.util.Map;

/**
 * Wants events. Called by one thread, in the order of each partition; a record may come again after
 * a fault.
 */
public interface BusListener {

  /** From where a topic is read when the gateway starts. */
  enum Start {
    /** The whole topic: for what is known of users and agents. */
    BEGINNING,
    /** As far back as the live stream remembers. */
    RECENT
  }

  /** Topics it wants, without the suite's prefix. */
  Map<String, Start> topics();

  /**
   * Takes an event of one of its topics.
   *
   * @throws IOException when the payload cannot be decoded; the event is skipped
   */
  void on(BusEvent event) throws IOException;
}
