package org.rlarena.auth;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Keys, lifetimes and the services that may ask for tokens. */
@ConfigMapping(prefix = "arena.auth")
public interface AuthConfig {

  /**
   * File with the RSA private key that signs tokens, PKCS#8 PEM, 2048 bits or more. There is no
   * default: without a key the service does not start.
   */
  Path signingKeyFile();

  /**
   * Makes the key file (readable by its owner alone) when it is missing. For one machine only: on a
   * cluster every replica would make its own.
   */
  @WithDefault("false")
  boolean createSigningKey();

  /**
   * The key that is to sign after the next rotation. Its public half is published beside the
   * others, so that every service knows it before the first token is signed with it.
   */
  Optional<Path> nextKeyFile();

  /**
   * Keys that signed before: published until the last of their tokens has expired ({@link
   * #tokenLifetime()} after the rotation), then removed from here.
   */
  Optional<List<Path>> previousKeyFiles();

  /** Lifetime of the token of a log-in that asked for no refresh token. */
  @WithDefault("24h")
  Duration tokenLifetime();

  /** Log-ins that asked for a refresh token. */
  Refresh refresh();

  /** Sessions that one user may have; one more ends the one that was used least lately. */
  @WithDefault("100")
  int sessionsPerUser();

  /** Tokens of programs. */
  ApiTokens apiTokens();

  /** Lifetime of a service's token. */
  @WithDefault("5m")
  Duration serviceTokenLifetime();

  /** How wrong passwords are slowed down. */
  Throttle throttle();

  /** The administrator to open an account for as long as there is none. */
  Optional<FirstAdmin> firstAdmin();

  /**
   * How many passwords are hashed at once; each takes about 30 ms of a core and 19 MiB. Unset: half
   * as many as there are cores and at least one, so that a flood of log-ins leaves room for others.
   */
  OptionalInt hashesAtOnce();

  /**
   * How many more may wait for their turn; the next is told to come back at once. Each that waits
   * holds one of the threads that answer everybody.
   */
  @WithDefault("32")
  int hashesWaiting();

  /** How long a log-in waits for its turn to be hashed before it is told to come back. */
  @WithDefault("2s")
  Duration hashWait();

  /** The services that may ask for tokens, by service name. */
  Map<String, Client> clients();

  /** Lifetimes of renewable sessions. */
  interface Refresh {

    /** Lifetime of their access tokens; from 5 to 15 minutes is sound. */
    @WithDefault("15m")
    Duration accessLifetime();

    /** How long a refresh token waits to be used; after that the user logs in again. */
    @WithDefault("14d")
    Duration inactivity();

    /** After this time the user logs in again, however active. */
    @WithDefault("90d")
    Duration lifetime();

    /**
     * How long a second use of a refresh token counts as a client that asked twice at once: it gets
     * nothing, but its session goes on.
     */
    @WithDefault("10s")
    Duration grace();
  }

  /** Limits of API tokens. */
  interface ApiTokens {

    /** Living API tokens that one user may have. */
    @WithDefault("50")
    int perUser();

    /** Lifetime when none is asked for. */
    @WithDefault("90d")
    Duration lifetime();

    /** Longest lifetime that may be asked for. */
    @WithDefault("365d")
    Duration maxLifetime();

    /** Lifetime of the signed token that an API token is exchanged for. */
    @WithDefault("15m")
    Duration exchangedLifetime();
  }

  /** Wrong passwords; see docs/accounts.md. */
  interface Throttle {

    /** Tries of one account from one address before the first wait. */
    @WithDefault("5")
    int freeTries();

    /** Wrong passwords from one address, for whatever accounts, before the first wait. */
    @WithDefault("30")
    int freeTriesPerAddress();

    /** Wrong passwords for one account within an hour that count as an attack. */
    @WithDefault("100")
    int attack();

    /** Longest wait; the first is one second and each next one twice the last. */
    @WithDefault("5m")
    Duration longestWait();
  }

  /** An account that is opened at the start. */
  interface FirstAdmin {

    /** Its name. */
    String username();

    /** Its e-mail address. */
    String email();

    /** File that holds its password, 8 to 256 characters; line ends around it do not count. */
    Optional<Path> passwordFile();

    /** The password itself, where secrets come as environment variables and there is no file. */
    Optional<String> password();
  }

  /** A service that may ask for tokens. */
  interface Client {

    /** Its secret; at least 16 characters. */
    String secret();

    /**
     * What it may do where, as {@code audience/scope}, such as {@code agent-service/agent:read}.
     */
    Set<String> may();
  }
}
