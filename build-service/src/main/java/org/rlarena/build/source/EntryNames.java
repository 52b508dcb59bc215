package org.rlarena.build.source;

import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Judges the names of an archive one after the other. A name is refused if it could leave the
 * target folder on any system, or if two names could mean one file on some.
 */
final class EntryNames {

  private static final int MAX_NAME = 255;
  private static final int MAX_DEPTH = 20;
  private static final Pattern DRIVE = Pattern.compile("^[A-Za-z]:.*", Pattern.DOTALL);
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cs}]");

  private final Set<String> seen = new HashSet<>();

  /** Why this entry is refused, as the end of a sentence; empty if it is fine. */
  Optional<String> problem(String name) {
    String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    if (path.isEmpty()) {
      return Optional.of("has no name");
    }
    if (UNPRINTABLE.matcher(path).find()) {
      return Optional.of("has control characters in its name");
    }
    if (path.startsWith("/") || path.contains("\\") || DRIVE.matcher(path).matches()) {
      return Optional.of("is not a relative path with forward slashes");
    }
    String[] parts = path.split("/", -1);
    if (parts.length > MAX_DEPTH) {
      return Optional.of("lies deeper than " + MAX_DEPTH + " folders");
    }
    for (String part : parts) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        return Optional.of("has '.', '..' or an empty part in its path");
      }
      if (part.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
        return Optional.of("has a name longer than " + MAX_NAME + " bytes");
      }
    }
    String folded = Normalizer.normalize(path, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    if (!seen.add(folded)) {
      return Optional.of("occurs twice (names that differ in case alone count as one)");
    }
    return Optional.empty();
  }

  /** The name fit to be shown: bounded and without control characters. */
  static String shown(String name) {
    String clean = UNPRINTABLE.matcher(name).replaceAll("?");
    if (clean.length() <= 80) {
      return clean;
    }
    return clean.substring(0, Character.isHighSurrogate(clean.charAt(76)) ? 76 : 77) + "...";
  }
}
