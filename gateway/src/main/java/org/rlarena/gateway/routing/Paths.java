package org.rlarena.gateway.routing;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a public path may look like. */
class Paths {

  /**
   * Words, slugs, ids and file names need no escapes. So every path that holds one, or anything
   * else that two parsers may read in two ways, is no path of ours: it cannot be a way around the
   * table.
   */
  private static final Pattern SEGMENT =
      Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]*|\\.well-known");

  private static final Pattern UUID =
      Pattern.compile(
          "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

  /** Stands for any id when a documented path is looked up. */
  static final String SAMPLE_UUID = "00000000-0000-4000-8000-000000000000";

  private Paths() {}

  /**
   * The segments of a raw path; a slash at its end does not count. Empty if it is no public path.
   */
  static Optional<List<String>> segments(String rawPath) {
    if (!rawPath.startsWith("/")) {
      return Optional.empty();
    }
    List<String> segments = List.of(rawPath.substring(1).split("/", -1));
    if (segments.size() > 1 && segments.getLast().isEmpty()) {
      segments = segments.subList(0, segments.size() - 1);
    }
    return segments.stream().allMatch(segment -> SEGMENT.matcher(segment).matches())
        ? Optional.of(segments)
        : Optional.empty();
  }

  static boolean isUuid(String segment) {
    return UUID.matcher(segment).matches();
  }
}
