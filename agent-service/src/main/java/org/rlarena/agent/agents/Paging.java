package org.rlarena.agent.agents;

import org.rlarena.agent.AgentError;

/**
 * Which page of a list is asked for.
 *
 * @param page from 1
 * @param pageSize 1 to 100 rows
 */
record Paging(int page, int pageSize) {

  /** Keeps row offsets within an int; nobody has so many agents. */
  private static final int LAST_PAGE = 10_000_000;

  /**
   * Reads the two query parameters, null for absent ones; values out of range are moved into it,
   * what is no number is refused with {@code invalid_parameter}.
   */
  static Paging of(String page, String pageSize) {
    return new Paging(within("page", page, 1, LAST_PAGE), within("pageSize", pageSize, 20, 100));
  }

  /**
   * The end of a query. The size stands in its text: of a parameter the database assumes that it
   * lets through a tenth of the table, and joins whole tables for that.
   */
  String limit() {
    return " limit " + pageSize + (skipped() == 0 ? "" : " offset :skipped");
  }

  /** Rows before the page. */
  int skipped() {
    return (page - 1) * pageSize;
  }

  private static int within(String name, String given, int absent, int max) {
    if (given == null || given.isEmpty()) {
      return absent;
    }
    try {
      return Math.clamp(Long.parseLong(given), 1, max);
    } catch (NumberFormatException e) {
      throw AgentError.INVALID_PARAMETER.because(
          "The query parameter " + name + " must be a whole number.");
    }
  }
}
