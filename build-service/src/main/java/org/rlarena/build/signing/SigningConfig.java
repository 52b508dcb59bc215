package org.rlarena.build.signing;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What an operator can set for signatures of agents' images. */
@ConfigMapping(prefix = "arena.build.signing")
public interface SigningConfig {

  /** The private key, as {@code cosign generate-key-pair} writes it. Nothing is signed without. */
  Optional<Path> key();

  /** File with the password of the key; read at each signature. An empty password if not set. */
  Optional<Path> passwordFile();

  /** Cosign's program: a path, or a name on the PATH. */
  @WithDefault("cosign")
  String command();

  /** More arguments for {@code cosign sign}, such as {@code --registry-cacert=...}. */
  Optional<List<String>> arguments();

  /** Longest time of one signature. */
  @WithDefault("1m")
  Duration timeout();
}
