package org.rlarena.gateway;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** What an operator can set for the gateway. */
@ConfigMapping(prefix = "arena.gateway")
public interface GatewayConfig {

  /** Base URLs of the services, {@code http}, without a path. */
  Services services();

  /**
   * Largest upload; a larger one is refused with 413. Not above what submission-service takes
   * ({@code quarkus.http.limits.max-body-size}): it hangs up in the middle of a larger one, which
   * can destroy its answer.
   */
  @WithDefault("52M")
  MemorySize maxBody();

  /** Largest request body at all other paths. */
  @WithDefault("1M")
  MemorySize maxPlainBody();

  /** A service that cannot be connected within this time counts as down. */
  @WithDefault("1s")
  Duration connectTimeout();

  /**
   * A call during which no byte moves in either direction for this long is given up: 503, or a cut
   * connection when the answer had begun.
   */
  @WithDefault("20s")
  Duration stallTimeout();

  /** Time auth-service has to say who asks for a profile, which is nothing without it. */
  @WithDefault("5s")
  Duration accountTimeout();

  /** Time each other part of a composed answer has. */
  @WithDefault("1s")
  Duration partTimeout();

  /** When a service that does not respond is spared. */
  Circuit circuit();

  /** How long answers are used again. */
  Cache cache();

  /**
   * Calls in flight to one service. The event loops, two for each core, have equal shares, but at
   * least 16 each; as many calls as stand here may wait at each of them, more are refused with 503.
   */
  @WithDefault("256")
  @Min(1)
  int maxConnectionsPerService();

  /** Origins whose pages may read answers, exactly as browsers send them. */
  @WithDefault(
      "https://rl-arena.github.io,http://localhost:8080,http://localhost:3000,http://localhost:5173")
  Set<String> corsOrigins();

  /**
   * Networks of proxies before the gateway, such as {@code 10.0.0.0/8}, whose {@code
   * X-Forwarded-For} and {@code X-Forwarded-Proto} are believed; without one nobody's are.
   */
  Optional<Set<String>> trustedProxies();

  /** The live stream. */
  Live live();

  /** Where the services listen. */
  interface Services {

    /** Base URL of auth-service. */
    @WithDefault("http://localhost:8081")
    URI authService();

    /** Base URL of agent-service. */
    @WithDefault("http://localhost:8082")
    URI agentService();

    /** Base URL of submission-service. */
    @WithDefault("http://localhost:8083")
    URI submissionService();

    /** Base URL of build-service. */
    @WithDefault("http://localhost:8084")
    URI buildService();

    /** Base URL of matchmaking-service. */
    @WithDefault("http://localhost:8085")
    URI matchmakingService();

    /** Base URL of match-service. */
    @WithDefault("http://localhost:8086")
    URI matchService();

    /** Base URL of rating-service. */
    @WithDefault("http://localhost:8087")
    URI ratingService();

    /** Base URL of webhook-service. */
    @WithDefault("http://localhost:8088")
    URI webhookService();
  }

  /** The circuit breaker of each service. */
  interface Circuit {

    /** Failures in a row after which requests are answered 503 at once. */
    @WithDefault("5")
    @Min(1)
    int failures();

    /** How long, until one request is let through to find out. */
    @WithDefault("2s")
    Duration pause();
  }

  /** Lifetimes of reused answers. */
  interface Cache {

    /** For {@code /health}. */
    @WithDefault("2s")
    Duration health();

    /** For {@code /openapi.json}. */
    @WithDefault("10s")
    Duration openapi();

    /**
     * For leaderboards and lists of agents, which are also dropped when an event says that they
     * have changed; 0 to pass each request on.
     */
    @WithDefault("1s")
    Duration lists();

    /**
     * For what services said to a user's token about the user; also dropped by the user's own
     * changes and by events about the user. 0 to ask each time.
     */
    @WithDefault("1s")
    Duration profiles();
  }

  /** Bounds of the live stream. */
  interface Live {

    /** How long events are kept for clients that come back. */
    @WithDefault("10m")
    Duration keep();

    /** Most events kept. */
    @WithDefault("20000")
    @Min(1)
    int keepEvents();

    /** Most bytes of events kept. */
    @WithDefault("16M")
    MemorySize keepBytes();

    /** Messages that may wait for a slow client; one more and it is dropped. */
    @WithDefault("256")
    @Min(1)
    int queueMessages();

    /** Bytes of messages that may wait for a slow client; more and it is dropped. */
    @WithDefault("2M")
    MemorySize queueBytes();

    /** How often a client is pinged; one that is silent for twice as long is dropped. */
    @WithDefault("25s")
    Duration pingInterval();

    /** Largest frame a client may send, in bytes; a larger one ends its connection. */
    @WithDefault("4096")
    @Min(125)
    int maxClientFrame();

    /** Frames a client may send in one ping interval; more end its connection. */
    @WithDefault("200")
    @Min(1)
    int maxClientFrames();

    /** Topics one connection may subscribe to. */
    @WithDefault("100")
    @Min(1)
    int maxTopics();

    /** Connections at once; more are answered 503. */
    @WithDefault("10000")
    @Min(1)
    int maxConnections();

    /** Connections of one user at once; more are answered 429. */
    @WithDefault("20")
    @Min(1)
    int maxConnectionsPerUser();

    /** How often the log of a running build is asked for, while its owner listens. */
    @WithDefault("1s")
    Duration logInterval();
  }
}
