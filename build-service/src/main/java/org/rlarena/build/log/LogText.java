package org.rlarena.build.log;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Makes one line fit to be stored and shown: no terminal escapes or control characters, bounded,
 * and without the paths, hosts and credentials of the machine it was made on.
 */
final class LogText {

  static final int MAX_LINE = 2000;

  // CSI and OSC sequences as in ECMA-48, then any other escape
  private static final Pattern ESCAPES =
      Pattern.compile(
          "\u001b\\[[0-?]*[ -/]*[@-~]|\u001b\\][^\u0007\u001b]*(\u0007|\u001b\\\\)?|\u001b.?");
  private static final Pattern CONTROLS = Pattern.compile("[\\p{Cc}\\p{Cs}&&[^\t]]");
  private static final Pattern URLS = Pattern.compile("\\b(https?|file|ftp)://[^\\s'\"<>)]+");

  private final List<String> hiddenPaths;

  /**
   * @param hiddenPaths folders of this machine, replaced by an ellipsis; the longest first
   */
  LogText(List<String> hiddenPaths) {
    this.hiddenPaths = hiddenPaths;
  }

  String clean(String line) {
    String text = line.length() > 4 * MAX_LINE ? line.substring(0, 4 * MAX_LINE) : line;
    text = ESCAPES.matcher(text).replaceAll("");
    text = URLS.matcher(text).replaceAll("<url>");
    for (String path : hiddenPaths) {
      text = text.replace(path, "...");
    }
    // unpaired surrogates are category Cs and cannot be stored as UTF-8
    text = CONTROLS.matcher(text).replaceAll("?");
    if (text.length() > MAX_LINE) {
      int end = Character.isHighSurrogate(text.charAt(MAX_LINE - 1)) ? MAX_LINE - 1 : MAX_LINE;
      text = text.substring(0, end) + " [line cut]";
    }
    return text;
  }
}
