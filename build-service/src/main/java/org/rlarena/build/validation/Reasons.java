package org.rlarena.build.validation;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.rlarena.build.FailureReason;
import org.rlarena.build.validation.executor.Verdict;

/** What an executor's verdict means for a build. */
final class Reasons {

  private static final Pattern SYNTAX =
      Pattern.compile("syntax error|syntaxerror|indentationerror|invalid syntax");
  private static final Pattern IMPORT =
      Pattern.compile("import error|importerror|modulenotfounderror|no module named");
  private static final Pattern NO_AGENT = Pattern.compile("no agent|entry point");

  private Reasons() {}

  static FailureReason of(Verdict verdict, List<String> errors) {
    return switch (verdict) {
      case NONE, LOAD_ERROR, UNRECOGNIZED -> ofLoading(errors);
      case INIT_TIMEOUT, MOVE_TIMEOUT, BANK_EXHAUSTED -> FailureReason.TIMEOUT;
      case INVALID_OUTPUT, ILLEGAL_ACTION -> FailureReason.INVALID_ACTION;
      case MEMORY, PROCESS_LIMIT, DISK_LIMIT, OUTPUT_LIMIT, EXCEPTION, CRASH, PROTOCOL, SECURITY ->
          FailureReason.EXCEPTION;
      case PLATFORM_FAULT, CANCELLED -> FailureReason.PLATFORM_FAULT;
    };
  }

  /**
   * The verdict has one name for all ways in which loading fails; the sentence tells them apart.
   */
  private static FailureReason ofLoading(List<String> errors) {
    String text = String.join(" ", errors).toLowerCase(Locale.ROOT);
    if (SYNTAX.matcher(text).find()) {
      return FailureReason.SYNTAX_ERROR;
    }
    if (IMPORT.matcher(text).find()) {
      return FailureReason.IMPORT_ERROR;
    }
    if (NO_AGENT.matcher(text).find()) {
      return FailureReason.MISSING_ENTRY_POINT;
    }
    return FailureReason.EXCEPTION;
  }
}
