package org.rlarena.agent.agents;

/** What neither UTF-8 nor PostgreSQL can hold, although JSON can name it. */
class Text {

  private Text() {}

  /** Whether there is a NUL or half of a surrogate pair in it. */
  static boolean isBroken(String text) {
    return text.codePoints().anyMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
  }
}
