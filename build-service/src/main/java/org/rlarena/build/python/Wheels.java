package org.rlarena.build.python;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.bundle.Manifest;
import org.rlarena.build.log.BuildLog;

/**
 * The phase with network and without the author's code: pip resolves the requirements against the
 * packages that agents see anyway, and downloads what is missing, as wheels alone. A wheel is an
 * archive that nothing executes here; source packages, whose set-up code would run, are never
 * taken.
 */
@ApplicationScoped
public class Wheels {

  private static final Duration TIMEOUT = Duration.ofMinutes(15);
  private final Toolchain toolchain;
  private final ObjectMapper json;
  private final PipEnvironment environment;
  private final int maxPackages;
  private final long maxBytes;

  Wheels(Toolchain toolchain, ObjectMapper json, PipEnvironment environment, BuildConfig config) {
    this.toolchain = toolchain;
    this.json = json;
    this.environment = environment;
    this.maxPackages = config.limits().packages();
    this.maxBytes = config.limits().packageBytes();
  }

  /**
   * Downloads the wheels that the requirements need beyond what agents see anyway.
   *
   * @param requirements in normal form, not empty
   * @param work empty folder for this step; wheels are then in its {@code wheels}
   * @return the wheels, empty if nothing is missing
   * @throws BuildFailed with {@code requirements} if they cannot be met
   * @throws PlatformFault if the package index does not answer
   */
  public List<Manifest.Wheel> download(
      List<String> requirements, Path work, BuildLog log, RunControl control) throws IOException {
    Path wheels = Files.createDirectories(work.resolve("wheels"));
    Files.write(work.resolve("wanted.txt"), requirements);
    log.note("Resolving " + count(requirements.size(), "requirement") + ".");
    pip(work, log, control, resolving(work));
    List<Item> missing = report(work.resolve("report.json"));
    logProvided(requirements, missing, log);
    if (missing.isEmpty()) {
      return List.of();
    }
    if (missing.size() > maxPackages) {
      throw new BuildFailed(
          FailureReason.REQUIREMENTS,
          "The requirements need %d packages, and at most %d are allowed. Ask for fewer."
              .formatted(missing.size(), maxPackages));
    }
    Files.write(work.resolve("pinned.txt"), missing.stream().map(Item::pinned).toList());
    log.note("Downloading " + count(missing.size(), "package") + ".");
    pip(work, log, control, downloading(work));
    List<Manifest.Wheel> found = WheelFiles.inspect(wheels, maxBytes);
    compare(missing, found);
    found.forEach(
        wheel ->
            log.note("  %s %s sha256 %s".formatted(wheel.name(), wheel.version(), wheel.sha256())));
    return found;
  }

  private List<String> resolving(Path work) {
    return List.of(
        "install",
        "--dry-run",
        "--report",
        work.resolve("report.json").toString(),
        "--requirement",
        work.resolve("wanted.txt").toString());
  }

  private List<String> downloading(Path work) {
    return List.of(
        "download",
        "--no-deps",
        "--dest",
        work.resolve("wheels").toString(),
        "--requirement",
        work.resolve("pinned.txt").toString());
  }

  private void pip(Path work, BuildLog log, RunControl control, List<String> arguments)
      throws IOException {
    List<String> complaints = new ArrayList<>();
    Processes.Result result =
        Processes.run(
            new Processes.Command(
                environment.command(toolchain.python(), work, arguments),
                environment.variables(work),
                work,
                TIMEOUT),
            line -> {
              synchronized (complaints) {
                complaints.add(line);
              }
              log.output(line);
            },
            control);
    if (result.timedOut()) {
      throw new BuildFailed(
          FailureReason.TIMEOUT,
          "The packages of requirements.txt took longer than %d min to collect. Ask for fewer."
              .formatted(TIMEOUT.toMinutes()));
    }
    if (result.status() == 0) {
      return;
    }
    synchronized (complaints) {
      throw PipComplaint.failure(complaints);
    }
  }

  private List<Item> report(Path file) {
    try {
      return json.readValue(file.toFile(), Report.class).install();
    } catch (IOException e) {
      throw new PlatformFault("pip's report cannot be read.", e);
    }
  }

  private static void logProvided(List<String> requirements, List<Item> missing, BuildLog log) {
    List<String> missingNames =
        missing.stream().map(item -> normal(item.metadata().name())).toList();
    List<String> provided =
        requirements.stream()
            .map(requirement -> requirement.split("[^A-Za-z0-9._-]", 2)[0])
            .filter(name -> !missingNames.contains(normal(name)))
            .toList();
    if (!provided.isEmpty()) {
      log.note("Provided to every agent: " + String.join(", ", provided) + ".");
    }
  }

  /** What was downloaded must be what was resolved: an index may change in between. */
  private static void compare(List<Item> wanted, List<Manifest.Wheel> found) {
    Map<String, String> digests = new HashMap<>();
    found.forEach(wheel -> digests.put(normal(wheel.name()), wheel.sha256()));
    for (Item item : wanted) {
      String digest = digests.remove(normal(item.metadata().name()));
      String announced = item.sha256();
      if (digest == null || (announced != null && !announced.equals(digest))) {
        throw new PlatformFault("The package index changed while it was read.");
      }
    }
    if (!digests.isEmpty()) {
      throw new PlatformFault("The package index changed while it was read.");
    }
  }

  /** Names compare as PEP 503 says. */
  private static String normal(String name) {
    return name.replaceAll("[-_.]+", "-").toLowerCase(Locale.ROOT);
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /** pip's installation report, as far as it is needed. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Report(List<Item> install) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Item(@JsonProperty("download_info") Download download, Metadata metadata) {

    String pinned() {
      return metadata.name() + "==" + metadata.version();
    }

    String sha256() {
      return download == null || download.archive() == null || download.archive().hashes() == null
          ? null
          : download.archive().hashes().get("sha256");
    }
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Download(@JsonProperty("archive_info") Archive archive) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Archive(Map<String, String> hashes) {}

  @JsonIgnoreProperties(ignoreUnknown = true)
  record Metadata(String name, String version) {}
}
