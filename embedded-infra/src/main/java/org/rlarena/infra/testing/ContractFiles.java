package org.rlarena.infra.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Finds files below {@code contracts/events/<writer>/} without knowing the writer, in a folder or a
 * jar on the class path.
 */
final class ContractFiles {

  private static final String ANCHOR = "contracts/asyncapi.yaml";

  /** Class path names by what follows the writer: {@code examples/match.created.v1.json}. */
  private static final Map<String, String> INDEX = index();

  private ContractFiles() {}

  /**
   * @param name what follows the writer's folder
   * @throws IllegalArgumentException when there is no such file
   */
  static String read(String name) {
    String resource = INDEX.get(name);
    if (resource == null) {
      throw new IllegalArgumentException("No contracts/events/*/" + name);
    }
    try (InputStream file = ContractFiles.class.getClassLoader().getResourceAsStream(resource)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + resource, e);
    }
  }

  /** All types that have an example. */
  static List<String> shortTypes() {
    return INDEX.keySet().stream()
        .filter(name -> name.startsWith("examples/"))
        .map(name -> name.substring("examples/".length(), name.length() - ".json".length()))
        .sorted()
        .toList();
  }

  private static Map<String, String> index() {
    URL anchor = ContractFiles.class.getClassLoader().getResource(ANCHOR);
    if (anchor == null) {
      throw new IllegalStateException("No " + ANCHOR + " on the class path");
    }
    try {
      if (anchor.getProtocol().equals("file")) {
        return index(Path.of(anchor.toURI()).getParent().resolve("events"));
      }
      // jar:file:/path/contracts.jar!/contracts/asyncapi.yaml
      String jar = anchor.getPath().substring(0, anchor.getPath().indexOf("!/"));
      try (var files = FileSystems.newFileSystem(Path.of(URI.create(jar)))) {
        return index(files.getPath("contracts", "events"));
      }
    } catch (IOException | URISyntaxException e) {
      throw new IllegalStateException("Could not list the events below " + anchor, e);
    }
  }

  private static Map<String, String> index(Path events) throws IOException {
    var index = new HashMap<String, String>();
    try (Stream<Path> files = Files.walk(events)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path relative = events.relativize(file);
        if (relative.getNameCount() > 1) {
          String name = relative.subpath(1, relative.getNameCount()).toString();
          index.put(name.replace('\\', '/'), "contracts/events/" + relative);
        }
      }
    }
    return Map.copyOf(index);
  }
}
