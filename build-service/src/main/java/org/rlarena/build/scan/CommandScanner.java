package org.rlarena.build.scan;

import io.quarkus.arc.lookup.LookupIfProperty;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.builder.WorkFolders;
import org.rlarena.build.bundle.BundleStore;
import org.rlarena.build.python.LastLines;
import org.rlarena.build.python.Processes;
import org.rlarena.build.python.Programs;
import org.rlarena.build.python.SandboxCommand;
import org.rlarena.build.sbom.Sboms;
import org.rlarena.build.source.ArchiveUnpacker;

/**
 * A scanner that is installed on this machine. It looks at an unpacked bundle, which is hostile, so
 * it runs in bubblewrap's sandbox: nobody's user, an empty environment, the system and the bundle
 * read-only, its own database the one thing that stays. It has network, to keep that up to date.
 *
 * <p>It is started in the root folder, never in the bundle: {@code .trivyignore}, {@code
 * trivy.yaml} and {@code .grype.yaml} of the folder it is started in would be obeyed.
 */
@ApplicationScoped
@LookupIfProperty(name = "arena.build.backend", stringValue = "local", lookupIfMissing = true)
class CommandScanner implements Scanner {

  private static final Logger LOG = Logger.getLogger(CommandScanner.class);
  private static final Duration VERSION_LIMIT = Duration.ofSeconds(30);
  private static final int MAX_FILES = 65_535;
  private static final List<String> NETWORK_FILES =
      List.of(
          "/etc/resolv.conf",
          "/etc/hosts",
          "/etc/nsswitch.conf",
          "/etc/ssl",
          "/etc/pki",
          "/etc/ca-certificates");

  private final ScanConfig config;
  private final WorkFolders folders;
  private final BundleStore bundles;
  private final Sboms sboms;
  private final ArchiveUnpacker unpacker;

  CommandScanner(
      ScanConfig config, BuildConfig build, WorkFolders folders, BundleStore bundles, Sboms sboms) {
    this.config = config;
    this.folders = folders;
    this.bundles = bundles;
    this.sboms = sboms;
    BuildConfig.Limits limits = build.limits();
    this.unpacker = new ArchiveUnpacker(MAX_FILES, limits.sourceBytes() + limits.packageBytes());
  }

  @Override
  public Optional<String> problem(Target target) {
    return program().isPresent()
        ? Optional.empty()
        : Optional.of(
            "The scanner %s is not installed here.".formatted(config.scanner().program()));
  }

  @Override
  public Printed scan(Target target, RunControl control) {
    try {
      Path folder = folders.create(target.runId());
      try {
        Path unpacked = Files.createDirectory(folder.resolve("scan"));
        unpack(target, unpacked, control);
        // so that a package is judged even if it has removed what scanners know packages by
        Files.write(unpacked.resolve("bundle.cdx.json"), sboms.of(target.bundle()));
        return new Printed(print(folder, unpacked, control), false);
      } finally {
        folders.remove(target.runId());
      }
    } catch (IOException e) {
      throw new ScanFailed("The scan ran into a disk problem of ours.", e);
    } catch (PlatformFault e) {
      throw new ScanFailed(e.getMessage(), e);
    }
  }

  private void unpack(Target target, Path folder, RunControl control) throws IOException {
    try {
      Path archive = folder.resolveSibling("bundle.zip");
      bundles.copyTo(target.bundle(), archive);
      unpacker.unpack(archive, folder, control);
    } catch (BuildFailed e) {
      throw new ScanFailed("The bundle could not be unpacked for the scanner.", e);
    }
  }

  private String print(Path folder, Path unpacked, RunControl control) throws IOException {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path cache = Files.createDirectories(config.cacheDir().toAbsolutePath().normalize());
    Path program = program().orElseThrow(() -> new ScanFailed("The scanner is gone."));
    List<String> sandbox = sandbox(program, unpacked, temporary, cache);
    List<String> more = config.arguments().orElse(List.of());
    String report =
        run(sandbox, config.scanner().folderArguments("/scan", more), config.timeout(), control);
    return config
        .scanner()
        .versionArguments()
        .map(arguments -> report + "\n" + run(sandbox, arguments, VERSION_LIMIT, control))
        .orElse(report);
  }

  private String run(
      List<String> sandbox, List<String> arguments, Duration limit, RunControl control) {
    List<String> words = new ArrayList<>(sandbox);
    words.addAll(arguments);
    LastLines complaints = new LastLines();
    Processes.Result result =
        Processes.run(
            new Processes.Command(
                words, Map.of("PATH", Programs.searchPath()), Path.of("/"), limit),
            complaints,
            control);
    if (result.timedOut()) {
      throw new ScanFailed("The scanner took longer than %d s.".formatted(limit.toSeconds()));
    }
    if (result.status() != 0) {
      LOG.warnf("The scanner ended with status %d: %s", result.status(), complaints);
      throw new ScanFailed("The scanner broke off.");
    }
    return result.output();
  }

  private List<String> sandbox(Path program, Path unpacked, Path temporary, Path cache) {
    String seen = "/opt/scanner/" + program.getFileName();
    List<String> words =
        new ArrayList<>(
            List.of(
                "prlimit",
                "--core=0",
                "--nofile=4096",
                "--cpu=" + Math.max(1, config.timeout().toSeconds()) * 2,
                "bwrap",
                "--unshare-all",
                "--share-net",
                "--unshare-user",
                "--uid",
                "65534",
                "--gid",
                "65534",
                "--die-with-parent",
                "--new-session",
                "--cap-drop",
                "ALL",
                "--hostname",
                "scan",
                "--clearenv"));
    environment().forEach((name, value) -> words.addAll(List.of("--setenv", name, value)));
    words.addAll(SandboxCommand.system());
    NETWORK_FILES.forEach(file -> words.addAll(List.of("--ro-bind-try", file, file)));
    words.addAll(
        List.of("--size", "65536", "--tmpfs", "/dev", "--dev-bind", "/dev/null", "/dev/null"));
    words.addAll(List.of("--dev-bind", "/dev/urandom", "/dev/urandom", "--remount-ro", "/dev"));
    words.addAll(List.of("--ro-bind", program.toString(), seen));
    words.addAll(List.of("--ro-bind", unpacked.toString(), "/scan"));
    words.addAll(List.of("--bind", temporary.toString(), "/tmp"));
    words.addAll(List.of("--bind", cache.toString(), "/cache"));
    words.addAll(List.of("--remount-ro", "/", "--chdir", "/", seen));
    return words;
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>(config.scanner().environment("/cache"));
    environment.putAll(Programs.network());
    environment.put("HOME", "/tmp");
    environment.put("PATH", "/usr/bin:/bin");
    environment.put("LANG", "C.UTF-8");
    return environment;
  }

  /** The program, links resolved: what it is linked to is not seen in the sandbox. */
  private Optional<Path> program() {
    return Programs.find(config.command().orElse(config.scanner().program()))
        .map(CommandScanner::resolved);
  }

  private static Path resolved(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path;
    }
  }
}
