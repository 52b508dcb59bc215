package org.rlarena.build.python;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.log.BuildLog;

/**
 * Reads a submission's requirements.txt. Taken are names with versions, extras and markers, as
 * Python's packaging library understands them; options, addresses, paths and version control are
 * refused, so that pip is never told where to look.
 */
@ApplicationScoped
public class Requirements {

  private static final String FILE = "requirements.txt";
  private static final long MAX_BYTES = 256 * 1024;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final Toolchain toolchain;
  private final ObjectMapper json;

  Requirements(Toolchain toolchain, ObjectMapper json) {
    this.toolchain = toolchain;
    this.json = json;
  }

  /**
   * What the submission asks for, in normal form; empty without a requirements.txt.
   *
   * @throws BuildFailed with {@code requirements}, naming the line
   */
  public List<String> read(Path code, BuildLog log, RunControl control) throws IOException {
    Path file = code.resolve(FILE);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new BuildFailed(
          FailureReason.REQUIREMENTS, "requirements.txt is larger than 256 KiB. Shorten it.");
    }
    Processes.Result result =
        toolchain.runScript("requirements.py", file, TIMEOUT, log::output, control);
    if (!result.succeeded()) {
      throw new PlatformFault("requirements.txt could not be judged.");
    }
    Verdict verdict = verdict(result.output());
    if (verdict.error() != null) {
      throw new BuildFailed(FailureReason.REQUIREMENTS, verdict.error());
    }
    return verdict.requirements();
  }

  private Verdict verdict(String output) {
    try {
      return json.readValue(output, Verdict.class);
    } catch (JsonProcessingException e) {
      throw new PlatformFault("requirements.txt could not be judged.", e);
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Verdict(List<String> requirements, String error) {}
}
