package org.rlarena.submission.sources;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The names in one archive. Accepts only plain relative paths that stay what they are on every file
 * system, and refuses two names that any file system might take for the same.
 */
final class EntryNames {

  private static final Pattern DRIVE = Pattern.compile("^[A-Za-z]:.*", Pattern.DOTALL);
  private static final int SHOWN = 80;

  private final int maxDepth;

  /** Folded path to whether it is a folder. */
  private final Map<String, Boolean> seen = new HashMap<>();

  EntryNames(int maxDepth) {
    this.maxDepth = maxDepth;
  }

  /**
   * Accepts the next name.
   *
   * @return the path's parts
   */
  String[] accept(String name, boolean folder) throws UnsafeArchive {
    requirePlain(name);
    String path = folder ? name.substring(0, name.length() - 1) : name;
    String[] parts = path.split("/", -1);
    for (String part : parts) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw refused(name, "is not a plain relative path without \".\" and \"..\"");
      }
    }
    if (parts.length - 1 > maxDepth) {
      throw refused(name, "lies more than %d folders deep".formatted(maxDepth));
    }
    requireUnique(name, parts, folder);
    return parts;
  }

  /** A name as it may stand in a message: short and printable. */
  static String shown(String name) {
    StringBuilder shown = new StringBuilder();
    name.codePoints()
        .limit(SHOWN)
        .map(c -> isPrintable(c) ? c : '?')
        .forEach(shown::appendCodePoint);
    return "\"" + shown + (name.codePointCount(0, name.length()) > SHOWN ? "…" : "") + "\"";
  }

  private static void requirePlain(String name) throws UnsafeArchive {
    if (name.startsWith("/") || DRIVE.matcher(name).matches()) {
      throw refused(name, "is an absolute path");
    }
    if (!name.codePoints().allMatch(EntryNames::isPrintable)) {
      throw refused(name, "contains characters that cannot be printed");
    }
  }

  /** Folders may be named before, after or without their own entry, but never be a file too. */
  private void requireUnique(String name, String[] parts, boolean folder) throws UnsafeArchive {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < parts.length - 1; i++) {
      path.append(fold(parts[i])).append('/');
      if (Boolean.FALSE.equals(seen.putIfAbsent(path.toString(), true))) {
        throw refused(name, "uses a file as a folder");
      }
    }
    String key = path + fold(parts[parts.length - 1]) + "/";
    Boolean before = seen.put(key, folder);
    if (before != null && !(before && folder)) {
      throw refused(name, "occurs twice (upper and lower case count as the same)");
    }
  }

  private static String fold(String part) {
    String composed = Normalizer.normalize(part, Normalizer.Form.NFKC);
    return Normalizer.normalize(
        composed.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT), Normalizer.Form.NFC);
  }

  private static boolean isPrintable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> c != '\uFFFD';
    };
  }

  private static UnsafeArchive refused(String name, String reason) {
    return new UnsafeArchive("%s %s. Rename it and pack again.".formatted(shown(name), reason));
  }
}
