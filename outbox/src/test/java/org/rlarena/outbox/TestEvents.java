package org.rlarena.outbox;

import java.util.Map;

/** Events of a stand-in service. */
final class TestEvents {

  static final String TOPIC = "submission.created";
  static final String TYPE = "org.rlarena.submission.created.v1";

  private TestEvents() {}

  static Event created(String key, String text) {
    return new Event(TOPIC, key, TYPE, key, Map.of("text", text));
  }
}
