package org.rlarena.telemetry.deployment;

import io.quarkus.deployment.annotations.BuildStep;
import io.quarkus.deployment.annotations.ExecutionTime;
import io.quarkus.deployment.annotations.Record;
import io.quarkus.deployment.builditem.LogConsoleFormatBuildItem;
import org.rlarena.telemetry.LogRecorder;

/** Hooks the format of the log in: a service sets its log up before any bean is there. */
class TelemetryProcessor {

  @BuildStep
  @Record(ExecutionTime.RUNTIME_INIT)
  LogConsoleFormatBuildItem formatTheConsole(LogRecorder recorder) {
    return new LogConsoleFormatBuildItem(recorder.console());
  }
}
