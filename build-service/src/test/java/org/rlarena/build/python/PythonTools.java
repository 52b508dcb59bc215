package org.rlarena.build.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.RunControl;
import org.rlarena.build.log.BuildLog;
import org.rlarena.build.testing.TestConfig;

/** The real interpreter and sandbox for tests, or the reason why they are skipped. */
final class PythonTools {

  static final ObjectMapper JSON = new ObjectMapper();

  final StringBuffer logged = new StringBuffer();
  final BuildLog log = new BuildLog(List.of(), () -> 0, logged::append);
  final BuildConfig config;
  final Toolchain toolchain;

  PythonTools(Map<String, String> properties) {
    assumeTrue(
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "bwrap"))),
        "skipped: bubblewrap is not installed here (package bubblewrap)");
    config = TestConfig.build(properties);
    toolchain = new Toolchain(config, JSON);
    assertThat(toolchain.probe()).as(toolchain.problem().orElse("")).isTrue();
  }

  static RunControl control() {
    return new RunControl(Duration.ofMinutes(5));
  }

  String logged() {
    log.flush();
    return logged.toString();
  }
}
