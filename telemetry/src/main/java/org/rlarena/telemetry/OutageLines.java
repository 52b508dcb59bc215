package org.rlarena.telemetry;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;

/**
 * Makes of what the problem extension logs about a request that was answered 503 one line of
 * warning, with the failure's own words and without its trace, and says the same line once in ten
 * seconds, with how often it was left out: while a neighbour is away, or a crowd is turned away,
 * each request brings the same again. Faults of the service itself are answered 500 and keep their
 * traces. Thread-safe.
 */
@Singleton
class OutageLines implements Filter {

  /** Kept here: the log manager forgets a logger, and its filter, that nobody holds. */
  static final Logger PROBLEMS = Logger.getLogger("http-problem");

  private static final String OUTAGE = "status=503,";
  private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

  /** Failures may have words of their own each time: the oldest are forgotten. */
  private static final int MOST_LINES = 100;

  private final LongSupplier clock;
  private final Map<String, Said> lines =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Said> eldest) {
          return size() > MOST_LINES;
        }
      };

  OutageLines() {
    this(System::nanoTime);
  }

  OutageLines(LongSupplier clock) {
    this.clock = clock;
  }

  void watch(@Observes StartupEvent started) {
    PROBLEMS.setFilter(this);
  }

  @Override
  public boolean isLoggable(LogRecord record) {
    Throwable failure = record.getThrown();
    if (failure == null || !record.getMessage().startsWith(OUTAGE)) {
      return true;
    }
    Optional<String> line = line(record.getMessage() + ": " + failure);
    line.ifPresent(text -> rewrite(record, text.replaceAll("\\R", " ")));
    return line.isPresent();
  }

  private static void rewrite(LogRecord record, String line) {
    if (record instanceof ExtLogRecord extended) {
      extended.setMessage(line, ExtLogRecord.FormatStyle.NO_FORMAT);
    } else {
      record.setMessage(line);
    }
    record.setThrown(null);
    record.setLevel(Level.WARN);
  }

  /** What to say of it; nothing if it was said a moment ago. */
  private synchronized Optional<String> line(String text) {
    long now = clock.getAsLong();
    Said said = lines.get(text);
    if (said != null && now - said.at < QUIET_NANOS) {
      said.leftOut++;
      return Optional.empty();
    }
    lines.remove(text);
    lines.put(text, new Said(now));
    return Optional.of(
        said == null || said.leftOut == 0
            ? text
            : text + " (and " + said.leftOut + " times since this was last said)");
  }

  private static final class Said {
    private final long at;
    private int leftOut;

    private Said(long at) {
      this.at = at;
    }
  }
}
