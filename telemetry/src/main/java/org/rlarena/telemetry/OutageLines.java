package org.rlarena.telemetry;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;

/**
 * Makes of what the problem extension logs about a request that was answered 503 one line of
 * warning, with the failure's own words and without its trace: while a neighbour is away each
 * request brings the same trace again. Faults of the service itself are answered 500 and keep
 * theirs.
 */
@Singleton
class OutageLines implements Filter {

  /** Kept here: the log manager forgets a logger, and its filter, that nobody holds. */
  static final Logger PROBLEMS = Logger.getLogger("http-problem");

  private static final String OUTAGE = "status=503,";

  void watch(@Observes StartupEvent started) {
    PROBLEMS.setFilter(this);
  }

  @Override
  public boolean isLoggable(LogRecord record) {
    Throwable failure = record.getThrown();
    if (failure != null && record.getMessage().startsWith(OUTAGE)) {
      String line = record.getMessage() + ": " + String.valueOf(failure).replaceAll("\\R", " ");
      if (record instanceof ExtLogRecord extended) {
        extended.setMessage(line, ExtLogRecord.FormatStyle.NO_FORMAT);
      } else {
        record.setMessage(line);
      }
      record.setThrown(null);
      record.setLevel(Level.WARN);
    }
    return true;
  }
}
