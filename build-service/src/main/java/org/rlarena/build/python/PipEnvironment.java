package org.rlarena.build.python;

import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rlarena.build.BuildConfig;

/**
 * How pip is run while it has network: it sees the machine's files read-only, writes to its own
 * folder alone, dies with this service, and gets no environment variables but those that configure
 * pip, proxies and certificates.
 */
@ApplicationScoped
class PipEnvironment {

  private static final Set<String> PASSED =
      Set.of(
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "ALL_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "all_proxy",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "REQUESTS_CA_BUNDLE",
          "CURL_CA_BUNDLE",
          "HOME",
          "PATH");

  private final List<String> arguments;
  private final long fileBytes;

  PipEnvironment(BuildConfig config) {
    this.arguments = config.pipArguments().orElse(List.of());
    this.fileBytes = config.limits().packageBytes();
  }

  /**
   * @param work the only folder that pip may write to
   * @param command pip's command with its arguments
   */
  List<String> command(AgentPython python, Path work, List<String> command) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "prlimit",
                "--core=0",
                "--fsize=" + fileBytes,
                "bwrap",
                "--ro-bind",
                "/",
                "/",
                "--dev-bind",
                "/dev",
                "/dev",
                "--bind",
                work.toString(),
                work.toString(),
                "--unshare-pid",
                "--unshare-ipc",
                "--die-with-parent",
                "--new-session",
                "--chdir",
                work.toString()));
    words.addAll(List.of(python.path().toString(), "-I", "-m", "pip"));
    words.addAll(command);
    words.addAll(
        List.of(
            "--only-binary=:all:",
            "--no-input",
            "--no-color",
            "--disable-pip-version-check",
            "--progress-bar=off"));
    words.addAll(arguments);
    return words;
  }

  /** The whole environment of pip. */
  Map<String, String> variables(Path work) {
    Map<String, String> variables = new HashMap<>();
    System.getenv()
        .forEach(
            (name, value) -> {
              if (PASSED.contains(name) || name.startsWith("PIP_")) {
                variables.put(name, value);
              }
            });
    variables.put("LANG", "C.UTF-8");
    variables.put("TMPDIR", work.toString());
    // kept between the two calls of one build: what resolving fetched is not fetched again
    variables.put("PIP_CACHE_DIR", work.resolve("cache").toString());
    return variables;
  }
}
