package org.rlarena.build.python;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.Folders;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.log.BuildLog;

/**
 * The phase without network: pip unpacks the downloaded wheels into a folder, in the sandbox. The
 * scripts that packages bring are dropped: nothing runs them, and they name this machine's Python.
 */
@ApplicationScoped
public class PackageInstaller {

  private static final Duration TIMEOUT = Duration.ofMinutes(10);

  private final Toolchain toolchain;
  private final long maxBytes;

  PackageInstaller(Toolchain toolchain, BuildConfig config) {
    this.toolchain = toolchain;
    this.maxBytes = config.limits().packageBytes();
  }

  /**
   * @param wheels folder with the wheels
   * @param work empty folder for this step
   * @return folder with the installed packages, below {@code work}
   * @throws BuildFailed with {@code requirements} if a wheel cannot be installed
   */
  public Path install(Path wheels, Path work, BuildLog log, RunControl control) throws IOException {
    Files.createDirectories(work.resolve("tmp"));
    Path packages = work.resolve("packages");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-m",
                "pip",
                "install",
                "--no-index",
                "--no-deps",
                "--no-compile",
                "--no-cache-dir",
                "--no-input",
                "--no-color",
                "--disable-pip-version-check",
                "--root-user-action=ignore",
                "--quiet",
                "--target",
                "/work/packages"));
    for (Path wheel : WheelFiles.in(wheels)) {
      arguments.add("/wheels/" + wheel.getFileName());
    }
    Processes.Result result =
        toolchain.run(
            Map.of("/wheels", wheels),
            Optional.of(work),
            maxBytes,
            arguments,
            TIMEOUT,
            log::output,
            control);
    if (result.timedOut()) {
      throw new BuildFailed(
          FailureReason.TIMEOUT, "The packages took too long to install. Ask for fewer.");
    }
    if (!result.succeeded()) {
      if (!toolchain.stillWorks()) {
        throw new PlatformFault("The packages could not be installed for a reason of ours.");
      }
      throw new BuildFailed(
          FailureReason.REQUIREMENTS,
          "A package of requirements.txt could not be installed. The build log says why.");
    }
    Folders.delete(packages.resolve("bin"));
    if (Folders.bytes(packages) > maxBytes) {
      throw new BuildFailed(
          FailureReason.REQUIREMENTS,
          "The installed packages are larger than %d MiB. Ask for smaller ones."
              .formatted(maxBytes >> 20));
    }
    log.note("Installed the packages.");
    return packages;
  }
}
