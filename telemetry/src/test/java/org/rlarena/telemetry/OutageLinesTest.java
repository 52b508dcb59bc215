package org.rlarena.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.runtime.StartupEvent;
import java.io.IOException;
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
    new OutageLines().watch(new StartupEvent());
  }

  @AfterEach
  void forget() {
    OutageLines.PROBLEMS.removeHandler(handler);
    OutageLines.PROBLEMS.setFilter(null);
  }

  private ExtLogRecord written(Level level, String message, Throwable failure) {
    Logger logger = Logger.getLogger("http-problem");
    logger.log("org.slf4j", level, message, FormatStyle.NO_FORMAT, null, failure);
    assertThat(written).hasSize(1);
    return written.getFirst();
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
}
