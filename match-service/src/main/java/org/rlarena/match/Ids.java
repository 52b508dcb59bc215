package org.rlarena.match;

import java.util.UUID;
import java.util.regex.Pattern;

/** Ids as callers write them. */
public final class Ids {

  // UUID.fromString also takes "1-1-1-1-1".
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  private Ids() {}

  /**
   * Reads an id.
   *
   * @param name what the id is called in the request, for the sentence
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code invalid_id} when it is not a UUID
   */
  public static UUID parse(String name, String text) {
    if (text == null || !UUID_TEXT.matcher(text).matches()) {
      throw MatchError.INVALID_ID.because("Give '%s' as a UUID.".formatted(name));
    }
    return UUID.fromString(text);
  }
}
