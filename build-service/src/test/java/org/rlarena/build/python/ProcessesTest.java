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

  @ParameterizedTest
  @ValueSource(strings = {"HUP", "INT", "TERM"})
  void shouldTakeForOursWhatOthersEnd(String signal) {
    assertThatExceptionOfType(PlatformFault.class)
        .isThrownBy(() -> run("echo begun; kill -%s $$; sleep 60".formatted(signal)))
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
