package org.rlarena.objects;

import io.quarkus.arc.lookup.LookupIfProperty;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/**
 * Not ready until the bucket was reached once, and says what to do about it. A bucket that is away
 * later leaves the service ready: all that needs no object goes on, the rest is answered by 503.
 */
@Readiness
@ApplicationScoped
@LookupIfProperty(name = "arena.objects.backend", stringValue = "s3")
class BucketReadiness implements HealthCheck {

  private static final Logger LOG = Logger.getLogger(BucketReadiness.class);

  private final ObjectStore store;
  private volatile boolean reached;
  private volatile String told;

  BucketReadiness(ObjectStore store) {
    this.store = store;
  }

  @Override
  public HealthCheckResponse call() {
    var answer = HealthCheckResponse.named("bucket");
    if (!reached && store instanceof BucketStore bucket) {
      try {
        bucket.requireBucket();
        reached = true;
      } catch (ObjectsUnavailable e) {
        if (!e.getMessage().equals(told)) {
          told = e.getMessage();
          LOG.errorf("Not ready: %s The client says: %s", told, e.getCause());
        }
        return answer.down().withData("remedy", e.getMessage()).build();
      }
    }
    return answer.up().build();
  }
}
