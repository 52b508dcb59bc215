package org.rlarena.match;

/**
 * Which part of a list is wanted.
 *
 * @param page from 1
 * @param pageSize 1 to 100
 */
public record Paging(int page, int pageSize) {

  private static final int DEFAULT_SIZE = 20;
  private static final int MAX_SIZE = 100;
  // Keeps page * size within an int, which is what JPA takes as an offset.
  private static final int MAX_PAGE = 10_000_000;

  /**
   * Reads and clamps the query parameters; null or empty means the default.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code invalid_parameter} when one is not a
   *     whole number
   */
  public static Paging of(String page, String pageSize) {
    return new Paging(
        Math.clamp(number("page", page, 1), 1, MAX_PAGE),
        Math.clamp(number("pageSize", pageSize, DEFAULT_SIZE), 1, MAX_SIZE));
  }

  /** Rows before the page. */
  public int offset() {
    return (page - 1) * pageSize;
  }

  private static long number(String name, String text, int fallback) {
    if (text == null || text.isEmpty()) {
      return fallback;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw MatchError.INVALID_PARAMETER.because("Give '%s' as a whole number.".formatted(name));
    }
  }
}
