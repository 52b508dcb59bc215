package org.rlarena.match;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/** Times as callers write them. */
public final class Times {

  // What RFC 3339 can name; PostgreSQL's range is wider, Java's wider still.
  private static final int FIRST_YEAR = 1;
  private static final int LAST_YEAR = 9999;

  private Times() {}

  /**
   * Reads a time.
   *
   * @param name what it is called in the request, for the sentence
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code invalid_parameter}
   */
  public static Instant parse(String name, String text) {
    try {
      Instant time = OffsetDateTime.parse(text).toInstant();
      int year = time.atOffset(ZoneOffset.UTC).getYear();
      if (year >= FIRST_YEAR && year <= LAST_YEAR) {
        return time;
      }
    } catch (DateTimeParseException e) {
      // The answer is the same as for a year that nothing can hold.
    }
    throw MatchError.INVALID_PARAMETER.because(
        "Give '%s' as a time such as 2026-11-26T07:00:00Z.".formatted(name));
  }
}
