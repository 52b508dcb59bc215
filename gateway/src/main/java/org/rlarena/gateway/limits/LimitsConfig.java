package org.rlarena.gateway.limits;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import jakarta.validation.constraints.Min;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How often one may ask. Each limit is a bucket of so many requests, which come back evenly within
 * the period; 0 requests means no limit.
 */
@ConfigMapping(prefix = "arena.gateway.limits")
public interface LimitsConfig {

  /** Logging in and registering together, per address. */
  Auth auth();

  /** Uploads and rebuilds together, per user. */
  Submissions submissions();

  /** Challenges, per user. */
  Matches matches();

  /** Replays, per address. */
  Replays replays();

  /** Everything, per address. */
  Address address();

  /** Everything, per user. */
  User user();

  /**
   * Redis that all replicas count in, {@code redis://[:password@]host:port[/database]}. Without one
   * each replica counts for itself.
   */
  Optional<URI> redis();

  /** One limit. */
  interface Bucket {

    /** Size of the bucket. */
    int requests();

    /** Time in which an empty bucket fills up. */
    Duration period();
  }

  /** Contract: 5 in 60 s. */
  interface Auth extends Bucket {
    @Override
    @WithDefault("5")
    @Min(0)
    int requests();

    @Override
    @WithDefault("60s")
    Duration period();
  }

  /** Contract: 5 in 60 s. */
  interface Submissions extends Bucket {
    @Override
    @WithDefault("5")
    @Min(0)
    int requests();

    @Override
    @WithDefault("60s")
    Duration period();
  }

  /** Contract: 10 in 60 s. */
  interface Matches extends Bucket {
    @Override
    @WithDefault("10")
    @Min(0)
    int requests();

    @Override
    @WithDefault("60s")
    Duration period();
  }

  /** Contract: 20 in 60 s. */
  interface Replays extends Bucket {
    @Override
    @WithDefault("20")
    @Min(0)
    int requests();

    @Override
    @WithDefault("60s")
    Duration period();
  }

  /** Contract's general limiter: 100, 10 a second. */
  interface Address extends Bucket {
    @Override
    @WithDefault("100")
    @Min(0)
    int requests();

    @Override
    @WithDefault("10s")
    Duration period();
  }

  /** The same for a user, from whatever address. */
  interface User extends Bucket {
    @Override
    @WithDefault("100")
    @Min(0)
    int requests();

    @Override
    @WithDefault("10s")
    Duration period();
  }
}
