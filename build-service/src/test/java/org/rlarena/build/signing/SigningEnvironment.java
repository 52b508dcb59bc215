package org.rlarena.build.signing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.rlarena.build.Folders;

/** The service with a cosign that does what the test wants. */
public class SigningEnvironment implements QuarkusTestResourceLifecycleManager {

  private Path folder;

  @Override
  public Map<String, String> start() {
    try {
      folder = Files.createTempDirectory("arena-signing-test-").toRealPath();
      FakeCosign cosign = new FakeCosign(folder);
      return Map.of(
          "arena.build.signing.command", cosign.program().toString(),
          "arena.build.signing.key", cosign.key().toString(),
          "arena.build.signing.password-file", cosign.password().toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
