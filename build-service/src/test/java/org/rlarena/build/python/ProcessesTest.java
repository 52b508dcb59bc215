package org.rlarena.build.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;

class ProcessesTest {

  /** The first two are how SIGHUP and SIGINT show, which a process may have been born to ignore. */
  @ParameterizedTest
  @ValueSource(strings = {"exit 129", "exit 130", "kill -TERM $$; sleep 60"})
  void shouldTakeForOursWhatOthersEnd(String end) {
    assertThatExceptionOfType(PlatformFault.class)
        .isThrownBy(() -> run("echo begun; " + end))
        .withMessage("A tool of the build was ended from outside.");
  }

  @Test
  void shouldTellHowAProgramBroke() {
    Processes.Result result = run("echo begun; kill -SEGV $$; sleep 60");

    assertThat(result).isEqualTo(new Processes.Result(128 + 11, "begun\n", false));
  }

  private static Processes.Result run(String script) {
    return Processes.run(
        new Processes.Command(
            List.of("sh", "-c", script),
            Map.of("PATH", "/usr/bin:/bin"),
            Path.of("/"),
            Duration.ofSeconds(30)),
        line -> {},
        new RunControl(Duration.ofMinutes(1)));
  }
}
