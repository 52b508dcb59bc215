package org.rlarena.build.python;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.log.BuildLog;

/** Compiles every Python file of a submission, without running any, in the sandbox. */
@ApplicationScoped
public class SyntaxCheck {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final Toolchain toolchain;
  private final ObjectMapper json;

  SyntaxCheck(Toolchain toolchain, ObjectMapper json) {
    this.toolchain = toolchain;
    this.json = json;
  }

  /**
   * @throws BuildFailed with {@code syntax_error}, naming file and line of the first error
   */
  public void check(Path code, BuildLog log, RunControl control) {
    Processes.Result result = toolchain.runScript("syntax.py", code, TIMEOUT, log::output, control);
    List<Found> lines = new ArrayList<>();
    for (String line : result.output().lines().toList()) {
      lines.add(read(line));
    }
    List<Found> errors = lines.stream().filter(line -> line.message() != null).toList();
    errors.forEach(error -> log.note(error.sentence()));
    if (!errors.isEmpty()) {
      throw new BuildFailed(
          FailureReason.SYNTAX_ERROR, errors.getFirst().sentence() + ". Mend it and upload again.");
    }
    if (lines.isEmpty() && !result.succeeded()) {
      throw new PlatformFault("The code could not be compiled for a reason of ours.");
    }
    if (!result.succeeded()) {
      // the compiler itself died or hung on the file it named last
      throw new BuildFailed(
          FailureReason.SYNTAX_ERROR,
          lines.getLast().file()
              + " cannot be compiled: its code is nested too deeply or too large."
              + " Simplify it and upload again.");
    }
    log.note("Compiled %d Python file%s.".formatted(lines.size(), lines.size() == 1 ? "" : "s"));
  }

  private Found read(String line) {
    try {
      return json.readValue(line, Found.class);
    } catch (JsonProcessingException e) {
      throw new PlatformFault("The compiler's report cannot be read.", e);
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Found(String file, Integer line, String message) {

    String sentence() {
      return line == null ? file + ": " + message : file + ", line " + line + ": " + message;
    }
  }
}
