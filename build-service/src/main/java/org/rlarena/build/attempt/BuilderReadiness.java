package org.rlarena.build.attempt;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.builder.Builder;

/**
 * Not ready while the sandbox of local builds does not work; says what to do about it. A cluster
 * that does not answer is told too, but leaves the service ready: running Jobs fetch from it.
 */
@Readiness
@ApplicationScoped
class BuilderReadiness implements HealthCheck {

  private final Instance<Builder> builder;
  private final boolean needed;
  private final boolean local;

  BuilderReadiness(Instance<Builder> builder, BuildConfig config) {
    this.builder = builder;
    this.needed = config.workers() > 0;
    this.local = config.backend() == BuildConfig.Backend.LOCAL;
  }

  @Override
  public HealthCheckResponse call() {
    var answer = HealthCheckResponse.named(local ? "sandbox" : "cluster");
    Optional<String> problem = needed ? builder.get().problem() : Optional.empty();
    problem.ifPresent(remedy -> answer.withData("remedy", remedy));
    return answer.status(problem.isEmpty() || !local).build();
  }
}
