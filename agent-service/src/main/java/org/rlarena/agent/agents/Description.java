package org.rlarena.agent.agents;

import org.rlarena.agent.AgentError;

/**
 * What a user tells of an agent: at most 2000 characters, may be empty and have several lines.
 *
 * @param text the description
 */
record Description(String text) {

  private static final int MAX = 2000;

  /** Takes what a user typed, null for nothing; refuses it with {@code invalid_description}. */
  static Description of(String typed) {
    String text = typed == null ? "" : typed;
    int length = text.codePointCount(0, text.length());
    if (length > MAX) {
      throw AgentError.INVALID_DESCRIPTION.because(
          "The description has " + length + " characters; shorten it to at most " + MAX + ".");
    }
    if (Text.isBroken(text)) {
      throw AgentError.INVALID_DESCRIPTION.because(
          "The description holds characters that are not text; remove them.");
    }
    return new Description(text);
  }
}
