package org.rlarena.build.python;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The command line of a sandbox: prlimit, then bubblewrap, then Python in isolated mode. Everything
 * is unshared, the environment is empty, the root is read-only and holds the system's libraries and
 * the interpreter alone. Neither /proc nor a writable /dev is needed here, so neither is there.
 */
public final class SandboxCommand {

  /** Where the agents' environment is seen inside. */
  private static final String PYTHON = "/opt/agent";

  private static final List<String> SYSTEM_LINKS = List.of("/lib", "/lib64", "/lib32", "/bin");
  private static final long MEMORY_BYTES = 4L << 30;
  private static final long CPU_SECONDS = 900;

  private final AgentPython python;

  SandboxCommand(AgentPython python) {
    this.python = python;
  }

  /**
   * @param readOnly paths of this machine by where they are seen
   * @param work folder of this machine that is seen, writable, as {@code /work}; its {@code tmp}
   *     takes temporary files, since those of an installation would not fit into memory
   * @param fileBytes largest file that may be written
   * @param arguments of the interpreter, after {@code -I}
   */
  List<String> words(
      Map<String, Path> readOnly, Optional<Path> work, long fileBytes, List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of(
            "prlimit",
            "--core=0",
            "--nofile=1024",
            "--as=" + MEMORY_BYTES,
            "--cpu=" + CPU_SECONDS,
            "--fsize=" + fileBytes,
            "bwrap",
            "--unshare-all",
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
            "build",
            "--clearenv",
            "--setenv",
            "LANG",
            "C.UTF-8",
            "--setenv",
            "HOME",
            "/nonexistent"));
    words.addAll(system());
    if (!python.basePrefix().startsWith("/usr")) {
      words.addAll(bind("--ro-bind", python.basePrefix(), python.basePrefix().toString()));
    }
    words.addAll(bind("--ro-bind", python.prefix(), PYTHON));
    words.addAll(
        List.of(
            "--size",
            "65536",
            "--tmpfs",
            "/dev",
            "--dev-bind",
            "/dev/null",
            "/dev/null",
            "--dev-bind",
            "/dev/urandom",
            "/dev/urandom",
            "--remount-ro",
            "/dev",
            "--size",
            "16777216",
            "--tmpfs",
            "/tmp"));
    readOnly.forEach((seen, path) -> words.addAll(bind("--ro-bind", path, seen)));
    work.ifPresent(
        path -> {
          words.addAll(bind("--bind", path, "/work"));
          words.addAll(List.of("--setenv", "TMPDIR", "/work/tmp"));
        });
    words.addAll(List.of("--remount-ro", "/", "--chdir", "/"));
    words.addAll(List.of(PYTHON + "/bin/" + python.executable(), "-I", "-B"));
    words.addAll(arguments);
    return words;
  }

  /** Words that show a sandbox the system's programs and libraries, read-only. */
  public static List<String> system() {
    List<String> words = new ArrayList<>(List.of("--ro-bind", "/usr", "/usr"));
    SYSTEM_LINKS.forEach(path -> words.addAll(sameAsHere(path)));
    words.addAll(List.of("--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"));
    return words;
  }

  /** /lib and its like are links into /usr on today's systems and folders on older ones. */
  private static List<String> sameAsHere(String name) {
    Path path = Path.of(name);
    if (Files.isSymbolicLink(path)) {
      return List.of("--symlink", "usr" + name, name);
    }
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        ? bind("--ro-bind", path, name)
        : List.of();
  }

  private static List<String> bind(String option, Path path, String seen) {
    return List.of(option, path.toString(), seen);
  }
}
