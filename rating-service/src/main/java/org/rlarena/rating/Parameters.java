package org.rlarena.rating;

import java.util.UUID;
import java.util.regex.Pattern;

/** Reads what callers put into paths and queries, and answers 400 to what it cannot read. */
public final class Parameters {

  /** Page size when the caller names none. */
  public static final int DEFAULT_SIZE = 20;

  /** Larger page sizes are answered with this one. */
  public static final int MAX_SIZE = 100;

  /** Beyond this page nothing is counted: the offset must fit into an int. */
  private static final int MAX_PAGE = 1_000_000;

  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
  private static final Pattern SLUG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,49}");

  private Parameters() {}

  /** An agent's id; {@code invalid_id} if it is not a UUID. */
  public static UUID agentId(String text) {
    if (!UUID_TEXT.matcher(text).matches()) {
      throw RatingError.INVALID_ID.because("The agent's id in the path must be a UUID.");
    }
    return UUID.fromString(text);
  }

  /** A short name such as that of an environment; {@code invalid_id} if it cannot be one. */
  public static String slug(String name, String text) {
    if (!SLUG.matcher(text).matches()) {
      throw RatingError.INVALID_ID.because(
          "'" + name + "' must be 1 to 50 letters, digits, dots, hyphens or underscores.");
    }
    return text;
  }

  /** A page's number, from 1 on; null means 1. */
  public static int page(String text) {
    return Math.clamp(number("page", text, 1), 1, MAX_PAGE);
  }

  /** A page's size, 1 to {@value #MAX_SIZE}; null means {@value #DEFAULT_SIZE}. */
  public static int size(String name, String text) {
    return Math.clamp(number(name, text, DEFAULT_SIZE), 1, MAX_SIZE);
  }

  private static long number(String name, String text, int fallback) {
    if (text == null || text.isEmpty()) {
      return fallback;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw RatingError.INVALID_PARAMETER.because("'" + name + "' must be a whole number.");
    }
  }
}
