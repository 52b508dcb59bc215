package org.rlarena.build;

/**
 * The submission cannot be built as it is; trying again would end the same way. The message is
 * written for the agent's author: one or two sentences on what to mend.
 */
public final class BuildFailed extends RuntimeException {

  /** Longest message that an event carries. */
  public static final int MAX_MESSAGE = 1000;

  private final FailureReason reason;

  /**
   * @param reason for machines
   * @param message for the author; cut to {@value #MAX_MESSAGE} characters
   */
  public BuildFailed(FailureReason reason, String message) {
    super(cut(message));
    this.reason = reason;
  }

  public FailureReason reason() {
    return reason;
  }

  private static String cut(String message) {
    String text = message == null || message.isBlank() ? "The build failed." : message.strip();
    if (text.length() <= MAX_MESSAGE) {
      return text;
    }
    int end = MAX_MESSAGE - 3;
    // never leave half of a surrogate pair: it cannot be written as UTF-8
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end)
        + "...";
  }
}
