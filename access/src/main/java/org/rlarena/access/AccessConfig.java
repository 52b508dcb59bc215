package org.rlarena.access;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How a service checks its callers and presents itself to others. */
@ConfigMapping(prefix = "arena.access")
public interface AccessConfig {

  /** The {@code iss} that tokens must carry. */
  @WithDefault("rl-arena")
  String issuer();

  /**
   * The {@code aud} that user tokens must carry; service tokens carry the called service's name.
   */
  @WithDefault("rl-arena")
  String audience();

  /** Where auth-service publishes its keys; {@code http(s)} or {@code file}. */
  @WithDefault("http://localhost:8081/.well-known/jwks.json")
  URI jwksLocation();

  /** File that keeps the last fetched keys, so that a restart does not depend on auth-service. */
  Optional<Path> jwksCache();

  /** Keys older than this are fetched again when they are next needed. */
  @WithDefault("5m")
  Duration jwksMaxAge();

  /** Base URL of auth-service, asked for service tokens. */
  @WithDefault("http://localhost:8081")
  URI authUrl();

  /** This service's secret at auth-service; needed only by services that call others. */
  Optional<String> clientSecret();
}
