package org.rlarena.build.python;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;

/** Tells whose fault it is that pip failed, and in the author's words why it refused. */
public final class PipComplaint {

  // how pip tells of a fault of ours; of an index that is away it also says that no version matches
  private static final Pattern OUR_FAULT =
      Pattern.compile(
          "Retrying \\(Retry|ConnectionError|NewConnectionError|ReadTimeout|ConnectTimeout"
              + "|ProxyError|SSLError|HTTP error 5|HTTP error 429|IncompleteRead"
              + "|No space left on device|No module named pip|externally-managed-environment");

  private static final Pattern NO_MATCH =
      Pattern.compile("No matching distribution found for ([^\\s(]+(?: ?[<>=!~][^\\s(]*)*)");
  private static final Pattern CONFLICT =
      Pattern.compile("Cannot install (.+?) because these package versions have conflict");
  private static final Pattern ORIGIN = Pattern.compile("-r \\S+ \\(line \\d+\\)");
  private static final Pattern OTHER_PYTHON =
      Pattern.compile("Requires-Python|requires a different Python");

  private PipComplaint() {}

  /**
   * The failure that a run of pip with network ended by.
   *
   * @param lines what it said
   * @throws PlatformFault if it is not the author's
   */
  public static BuildFailed failure(List<String> lines) {
    if (lines.isEmpty() || lines.stream().anyMatch(line -> OUR_FAULT.matcher(line).find())) {
      throw new PlatformFault("The package index could not be read.");
    }
    return new BuildFailed(FailureReason.REQUIREMENTS, sentence(lines));
  }

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
