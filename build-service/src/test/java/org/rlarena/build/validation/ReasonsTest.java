package org.rlarena.build.validation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlarena.build.FailureReason;
import org.rlarena.build.validation.executor.Verdict;

class ReasonsTest {

  @ParameterizedTest
  @CsvSource({
    "LOAD_ERROR, 'Syntax error in agent.py, line 3: was never closed.', SYNTAX_ERROR",
    "LOAD_ERROR, 'agent.py, line 3: invalid syntax (SyntaxError)', SYNTAX_ERROR",
    "LOAD_ERROR, 'Import error: there is no module named torch.', IMPORT_ERROR",
    "LOAD_ERROR, No module named 'torch', IMPORT_ERROR",
    "LOAD_ERROR, 'The agent has no entry point: define class Agent', MISSING_ENTRY_POINT",
    "LOAD_ERROR, 'No agent was found: define a class Agent with a method act.', MISSING_ENTRY_POINT",
    "LOAD_ERROR, 'ValueError: important weights of bad syntax', EXCEPTION",
    "INIT_TIMEOUT, too slow, TIMEOUT",
    "MOVE_TIMEOUT, too slow, TIMEOUT",
    "INVALID_OUTPUT, returned None, INVALID_ACTION",
    "ILLEGAL_ACTION, column 9, INVALID_ACTION",
    "EXCEPTION, ZeroDivisionError, EXCEPTION",
    "MEMORY, too much memory, EXCEPTION"
  })
  void shouldMapAVerdict(Verdict verdict, String sentence, FailureReason reason) {
    assertThat(Reasons.of(verdict, List.of(sentence))).isEqualTo(reason);
  }

  @ParameterizedTest
  @EnumSource(Verdict.class)
  void shouldMapEveryVerdict(Verdict verdict) {
    assertThat(Reasons.of(verdict, List.of())).isNotNull();
  }

  @Test
  void shouldBlameTheAgentForAVerdictOfALaterVersion() {
    assertThat(Reasons.of(Verdict.UNRECOGNIZED, List.of("No module named 'x'")))
        .isEqualTo(FailureReason.IMPORT_ERROR);
  }
}
