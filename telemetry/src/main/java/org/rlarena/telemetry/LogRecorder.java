package org.rlarena.telemetry;

import io.quarkus.runtime.ApplicationConfig;
import io.quarkus.runtime.RuntimeValue;
import io.quarkus.runtime.annotations.Recorder;
import java.util.Optional;
import java.util.logging.Formatter;

/** Gives the console its format while the log is set up, which is before its first line. */
@Recorder
public class LogRecorder {

  private final RuntimeValue<LogConfig> log;
  private final RuntimeValue<ApplicationConfig> application;

  /** Called by the generated start-up code. */
  public LogRecorder(RuntimeValue<LogConfig> log, RuntimeValue<ApplicationConfig> application) {
    this.log = log;
    this.application = application;
  }

  /** The format; none leaves it to {@code quarkus.log.console.format}. */
  public RuntimeValue<Optional<Formatter>> console() {
    return new RuntimeValue<>(
        switch (log.getValue().format()) {
          case TEXT -> Optional.empty();
          case JSON -> Optional.of(new JsonLines(application.getValue().name().orElse("unknown")));
        });
  }
}
