package org.rlarena.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.StartupEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.ExtLogRecord.FormatStyle;
import org.jboss.logmanager.Level;
import org.jboss.logmanager.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OutageLinesTest {

  private static final Throwable FAILURE =
      new IllegalStateException("bucket 'a'\nis away: {0} %s", new IOException());

  private long now = 5;
  private final List<ExtLogRecord> written = new ArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          written.add(ExtLogRecord.wrap(record));
        }

        @Override
        public void flush() {
          // nothing is kept back
        }

        @Override
        public void close() {
          // nothing is open
        }
      };

  @BeforeEach
  void watch() {
    OutageLines.PROBLEMS.addHandler(handler);
    new OutageLines(() -> now).watch(new StartupEvent());
  }

  @AfterEach
  void forget() {
    OutageLines.PROBLEMS.removeHandler(handler);
    OutageLines.PROBLEMS.setFilter(null);
  }

  private ExtLogRecord written(Level level, String message, Throwable failure) {
    log(level, message, failure);
    assertThat(written).hasSize(1);
    return written.getFirst();
  }

  private static void log(Level level, String message, Throwable failure) {
    Logger logger = Logger.getLogger("http-problem");
    logger.log("org.slf4j", level, message, FormatStyle.NO_FORMAT, null, failure);
  }

  @Test
  void shouldWriteOneLineOfWarningAboutAnOutage() {
    ExtLogRecord line = written(Level.ERROR, "status=503, code=\"storage_unavailable\"", FAILURE);

    assertThat(line.getLevel()).isEqualTo(Level.WARN);
    assertThat(line.getThrown()).isNull();
    assertThat(line.getFormatStyle()).isEqualTo(FormatStyle.NO_FORMAT);
    assertThat(line.getMessage())
        .isEqualTo(
            "status=503, code=\"storage_unavailable\":"
                + " java.lang.IllegalStateException: bucket 'a' is away: {0} %s");
  }

  @Test
  void shouldKeepTheTraceOfAFault() {
    ExtLogRecord line = written(Level.ERROR, "status=500, title=\"status=503,\"", FAILURE);

    assertThat(line.getLevel()).isEqualTo(Level.ERROR);
    assertThat(line.getThrown()).isSameAs(FAILURE);
    assertThat(line.getMessage()).isEqualTo("status=500, title=\"status=503,\"");
  }

  @Test
  void shouldLeaveRefusalsAlone() {
    ExtLogRecord line = written(Level.INFO, "status=404, title=\"Not Found\"", null);

    assertThat(line.getLevel()).isEqualTo(Level.INFO);
    assertThat(line.getMessage()).isEqualTo("status=404, title=\"Not Found\"");
  }

  @Test
  void shouldSayTheSameOnceInTenSecondsAndHowOftenItWasNotSaid() {
    // Given
    Throwable crowd = new IllegalStateException("too many");
    log(Level.ERROR, "status=503, code=\"busy\"", crowd);

    // When
    now += Duration.ofSeconds(10).toNanos() - 1;
    log(Level.ERROR, "status=503, code=\"busy\"", crowd);
    log(Level.ERROR, "status=503, code=\"busy\"", new IllegalStateException("something else"));
    log(Level.ERROR, "status=503, code=\"busy\"", crowd);
    now++;
    log(Level.ERROR, "status=503, code=\"busy\"", crowd);
    now += Duration.ofSeconds(10).toNanos();
    log(Level.ERROR, "status=503, code=\"busy\"", crowd);

    // Then
    String line = "status=503, code=\"busy\": java.lang.IllegalStateException: ";
    assertThat(written)
        .extracting(ExtLogRecord::getMessage)
        .containsExactly(
            line + "too many",
            line + "something else",
            line + "too many (and 2 times since this was last said)",
            line + "too many");
  }

  @Test
  void shouldForgetTheOldestOfTooManyLines() {
    for (int i = 0; i <= 100; i++) {
      log(Level.ERROR, "status=503,", new IllegalStateException("object " + i));
    }
    written.clear();

    log(Level.ERROR, "status=503,", new IllegalStateException("object 1"));
    log(Level.ERROR, "status=503,", new IllegalStateException("object 0"));

    assertThat(written)
        .extracting(ExtLogRecord::getMessage)
        .singleElement()
        .asString()
        .endsWith("object 0");
  }
}
