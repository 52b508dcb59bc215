package org.rlarena.build.python;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says in the author's words why pip refused the requirements. */
final class PipComplaint {

  private static final Pattern NO_MATCH =
      Pattern.compile("No matching distribution found for ([^\\s(]+(?: ?[<>=!~][^\\s(]*)*)");
  private static final Pattern CONFLICT =
      Pattern.compile("Cannot install (.+?) because these package versions have conflict");
  private static final Pattern ORIGIN = Pattern.compile("-r \\S+ \\(line \\d+\\)");
  private static final Pattern OTHER_PYTHON =
      Pattern.compile("Requires-Python|requires a different Python");

  private PipComplaint() {}

  static String sentence(List<String> lines) {
    String text = String.join("\n", lines);
    Matcher noMatch = NO_MATCH.matcher(text);
    if (noMatch.find()) {
      String reason =
          OTHER_PYTHON.matcher(text).find()
              ? "its versions ask for another Python"
              : "it does not exist, or has no wheel for this Python and platform";
      return "requirements.txt asks for %s, which cannot be installed: %s. Choose another version."
          .formatted(noMatch.group(1), reason);
    }
    Matcher conflict = CONFLICT.matcher(text);
    if (conflict.find()) {
      String packages = ORIGIN.matcher(conflict.group(1)).replaceAll("requirements.txt");
      return "The requirements contradict each other: %s ask for different versions of one package."
          .formatted(packages);
    }
    return "The packages of requirements.txt could not be collected. The build log says why.";
  }
}
