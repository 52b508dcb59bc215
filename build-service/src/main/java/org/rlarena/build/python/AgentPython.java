package org.rlarena.build.python;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;

/**
 * The interpreter that plays agents, as it describes itself.
 *
 * @param prefix folder of the virtual environment, or the interpreter's own
 * @param basePrefix folder of the interpreter that the environment was made of
 * @param executable file name of the interpreter below {@code prefix}'s {@code bin}
 * @param minor such as {@code 3.11}
 * @param platform such as {@code linux_x86_64}
 */
record AgentPython(Path prefix, Path basePrefix, String executable, String minor, String platform) {

  private static final String DESCRIBE =
      """
      import json, os, sys, sysconfig
      print(json.dumps({
          "prefix": sys.prefix,
          "basePrefix": sys.base_prefix,
          "executable": os.path.basename(sys.executable),
          "minor": "%d.%d" % sys.version_info[:2],
          "platform": sysconfig.get_platform().replace("-", "_").replace(".", "_"),
      }))
      """;

  /** Asks an interpreter; throws {@link PlatformFault} if it does not answer. */
  static AgentPython ask(String program, ObjectMapper json) {
    Processes.Result result =
        Processes.run(
            new Processes.Command(
                List.of(program, "-I", "-c", DESCRIBE),
                Map.of("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin")),
                Path.of("/"),
                Duration.ofSeconds(20)),
            line -> {},
            new RunControl(Duration.ofMinutes(1)));
    if (!result.succeeded()) {
      throw new PlatformFault("The Python of agents does not start.");
    }
    try {
      return json.readValue(result.output(), AgentPython.class);
    } catch (JsonProcessingException e) {
      throw new PlatformFault("The Python of agents does not describe itself.", e);
    }
  }

  /** Path of the interpreter on this machine. */
  Path path() {
    return prefix.resolve("bin").resolve(executable);
  }
}
