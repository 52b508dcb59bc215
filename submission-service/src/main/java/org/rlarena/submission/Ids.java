package org.rlarena.submission;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** Ids as they arrive in requests. */
public final class Ids {

  // UUID.fromString also takes "1-1-1-1-1"
  private static final Pattern CANONICAL =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private Ids() {}

  /**
   * Reads an id.
   *
   * @param name what the caller calls this value, for the problem's sentence
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code invalid_request} when it is no UUID
   */
  public static UUID parse(String name, String value) {
    return tryParse(value)
        .orElseThrow(
            () ->
                SubmissionError.INVALID_REQUEST.because(
                    name + " must be a UUID such as 7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01."));
  }

  /** Reads an id; empty when it is no UUID in its usual form. */
  public static Optional<UUID> tryParse(String value) {
    return CANONICAL.matcher(value).matches()
        ? Optional.of(UUID.fromString(value))
        : Optional.empty();
  }
}
