package org.rlarena.build.python;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Programs that the operator has installed beside this service, and how they reach the network. */
public final class Programs {

  private static final Set<String> NETWORK =
      Set.of(
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR");

  private Programs() {}

  /**
   * @param name a path, or a name on the PATH
   */
  public static Optional<Path> find(String name) {
    List<String> folders =
        name.contains("/") ? List.of("") : List.of(searchPath().split(File.pathSeparator));
    return folders.stream()
        .map(folder -> Path.of(folder, name).toAbsolutePath())
        .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
        .findFirst();
  }

  /** The PATH of this service. */
  public static String searchPath() {
    return System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
  }

  /** This service's own variables of proxies and certificates. */
  public static Map<String, String> network() {
    Map<String, String> variables = new TreeMap<>(System.getenv());
    variables.keySet().retainAll(NETWORK);
    return variables;
  }
}
