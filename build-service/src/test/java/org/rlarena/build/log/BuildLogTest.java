package org.rlarena.build.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuildLogTest {

  private final StringBuilder stored = new StringBuilder();

  @Test
  void shouldStoreLinesWithTheNextFlush() {
    // Given
    BuildLog log = log(0);

    // When
    log.note("one");
    log.output("two");
    String before = stored.toString();
    log.flush();

    // Then
    assertThat(before).isEmpty();
    assertThat(stored).hasToString("one\ntwo\n");
  }

  @Test
  void shouldNotWaitForAFlushWithALargeChunk() {
    // Given
    BuildLog log = log(0);

    // When
    for (int i = 0; i < 100; i++) {
      log.output("x".repeat(99));
    }

    // Then
    assertThat(stored.length()).isGreaterThan(5000);
  }

  @Test
  void shouldCutTheOutputOnceAndKeepItsOwnNotes() {
    // Given
    BuildLog log = log(BuildLog.MAX_CHARACTERS - 50);

    // When
    log.output("fits");
    log.output("y".repeat(100));
    log.output("never");
    log.note("Failed: the reason.");
    log.close();

    // Then
    assertThat(stored).hasToString("fits\n" + BuildLog.CUT_MARK + "\nFailed: the reason.\n");
  }

  @Test
  void shouldKeepWhatTheStoreDidNotTake() {
    // Given
    AtomicBoolean away = new AtomicBoolean(true);
    BuildLog log =
        new BuildLog(
            List.of(),
            () -> 0,
            chunk -> {
              if (away.get()) {
                throw new IllegalStateException("away");
              }
              stored.append(chunk);
            });
    log.note("one");
    assertThatThrownBy(log::flush).hasMessage("away");

    // When
    away.set(false);
    log.note("two");
    log.flush();

    // Then
    assertThat(stored).hasToString("one\ntwo\n");
  }

  @ParameterizedTest
  @CsvSource({
    "'\u001b[31mred\u001b[0m', red",
    "'a\u0000b\rc', 'a?b?c'",
    "'\u001b]0;title\u0007text', text",
    "'half \ud83d pair', 'half ? pair'",
    "'/srv/arena/work/1234/code/agent.py: no', '.../1234/code/agent.py: no'",
    "'Looking in https://user:secret@host/simple', 'Looking in <url>'",
    "'tab\tstays', 'tab\tstays'"
  })
  void shouldCleanEachLine(String line, String shown) {
    // When
    String clean = new LogText(List.of("/srv/arena/work")).clean(line);

    // Then
    assertThat(clean).isEqualTo(shown);
  }

  @Test
  void shouldCutLongLinesWithoutSplittingACharacter() {
    // When
    String clean = new LogText(List.of()).clean("a".repeat(LogText.MAX_LINE - 1) + "\ud83d\ude00b");

    // Then
    assertThat(clean).isEqualTo("a".repeat(LogText.MAX_LINE - 1) + " [line cut]");
  }

  private BuildLog log(long written) {
    return new BuildLog(List.of(), () -> written, stored::append);
  }
}
