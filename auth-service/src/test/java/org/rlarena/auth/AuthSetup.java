package org.rlarena.auth;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.rlarena.infra.Ports;

/** Gives the service what an operator would: a key file and secrets of its clients. */
public class AuthSetup implements QuarkusTestResourceLifecycleManager {

  public static final String SECRET = "a-secret-of-this-test-run";

  public static final String ADMIN_PASSWORD = "the password of the first admin";

  private Path folder;

  @Override
  public Map<String, String> start() {
    try {
      folder = Files.createTempDirectory("auth-service");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> settings = new HashMap<>();
    settings.put("arena.auth.signing-key-file", folder.resolve("signing.pem").toString());
    settings.put("arena.auth.create-signing-key", "true");
    try {
      Files.writeString(folder.resolve("admin-password"), ADMIN_PASSWORD + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    settings.put("arena.auth.sessions-per-user", "6");
    settings.put("arena.auth.first-admin.username", "root");
    settings.put("arena.auth.first-admin.email", "root@example.org");
    settings.put(
        "arena.auth.first-admin.password-file", folder.resolve("admin-password").toString());
    // the service verifies its own tokens as any other service does
    int port = Ports.free();
    settings.put(
        "arena.access.jwks-location", "http://localhost:" + port + "/.well-known/jwks.json");
    settings.put("quarkus.http.test-port", String.valueOf(port));
    // a busy machine must not turn a log-in away in a test
    settings.put("arena.auth.hash-wait", "60s");
    for (String client :
        new String[] {"submission-service", "build-service", "match-service", "system-checker"}) {
      settings.put("arena.auth.clients." + client + ".secret", SECRET);
    }
    return settings;
  }

  @Override
  public void stop() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
