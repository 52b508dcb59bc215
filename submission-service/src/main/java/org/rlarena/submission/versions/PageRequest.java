package org.rlarena.submission.versions;

import org.rlarena.submission.SubmissionError;

/**
 * Which page of a list is wanted.
 *
 * @param number 1 for the first
 * @param size 1 to 100
 */
public record PageRequest(int number, int size) {

  private static final int MAX_SIZE = 100;
  private static final int DEFAULT_SIZE = 20;
  // keeps the offset within what a query takes
  private static final int MAX_NUMBER = Integer.MAX_VALUE / MAX_SIZE;

  public PageRequest {
    number = Math.clamp(number, 1, MAX_NUMBER);
    size = Math.clamp(size, 1, MAX_SIZE);
  }

  /**
   * Reads query parameters, null for absent ones.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code invalid_request} for what is no
   *     whole number
   */
  static PageRequest of(String page, String pageSize) {
    return new PageRequest(number("page", page, 1), number("pageSize", pageSize, DEFAULT_SIZE));
  }

  private static int number(String name, String value, int absent) {
    if (value == null || value.isEmpty()) {
      return absent;
    }
    try {
      return Math.clamp(Long.parseLong(value), Integer.MIN_VALUE, Integer.MAX_VALUE);
    } catch (NumberFormatException e) {
      throw SubmissionError.INVALID_REQUEST.because(name + " must be a whole number.");
    }
  }
}
