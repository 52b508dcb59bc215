package org.rlarena.build.attempt;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.python.Toolchain;

/** Not ready while the sandbox does not work; says what to do about it. */
@Readiness
@ApplicationScoped
class ToolchainReadiness implements HealthCheck {

  private final Toolchain toolchain;
  private final boolean needed;

  ToolchainReadiness(Toolchain toolchain, BuildConfig config) {
    this.toolchain = toolchain;
    this.needed = config.workers() > 0;
  }

  @Override
  public HealthCheckResponse call() {
    var answer = HealthCheckResponse.named("sandbox");
    if (!needed || toolchain.problem().isEmpty()) {
      return answer.up().build();
    }
    return answer.down().withData("remedy", toolchain.problem().get()).build();
  }
}
