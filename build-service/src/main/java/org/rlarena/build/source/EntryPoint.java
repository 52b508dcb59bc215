package org.rlarena.build.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;

/** Which file of a submission is loaded: agent.py, else main.py, else the only .py at the top. */
public final class EntryPoint {

  private EntryPoint() {}

  /**
   * @return name of the file below {@code code}
   * @throws BuildFailed with {@code missing_entry_point}
   */
  public static String in(Path code) throws IOException {
    for (String name : List.of("agent.py", "main.py")) {
      if (Files.isRegularFile(code.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
        return name;
      }
    }
    try (Stream<Path> top = Files.list(code)) {
      List<String> scripts =
          top.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS))
              .map(path -> path.getFileName().toString())
              .filter(name -> name.endsWith(".py"))
              .toList();
      if (scripts.size() == 1) {
        return scripts.getFirst();
      }
    }
    throw new BuildFailed(
        FailureReason.MISSING_ENTRY_POINT,
        "The archive has no agent.py or main.py at its top level. Put the file there (not into a"
            + " folder) and upload again.");
  }
}
