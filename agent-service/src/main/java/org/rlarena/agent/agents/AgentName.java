package org.rlarena.agent.agents;

import org.rlarena.agent.AgentError;

/**
 * A name as it may be stored: 1 to 100 characters, no spaces at its ends, nothing that cannot be
 * printed in one line.
 *
 * @param text the name
 */
record AgentName(String text) {

  private static final int MAX = 100;

  /** Takes what a user typed; refuses it with {@code invalid_name}. */
  static AgentName of(String typed) {
    String text = typed == null ? "" : typed.strip();
    int length = text.codePointCount(0, text.length());
    if (length == 0) {
      throw AgentError.INVALID_NAME.because("Give the agent a name of 1 to 100 characters.");
    }
    if (length > MAX) {
      throw AgentError.INVALID_NAME.because(
          "The name has " + length + " characters; shorten it to at most " + MAX + ".");
    }
    if (Text.isBroken(text) || text.codePoints().anyMatch(Character::isISOControl)) {
      throw AgentError.INVALID_NAME.because(
          "The name holds control characters; use letters, digits, spaces and signs.");
    }
    return new AgentName(text);
  }
}
