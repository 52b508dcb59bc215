package org.rlarena.outbox;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Down until the schema is up to date. */
@Readiness
@ApplicationScoped
class SchemaReadiness implements HealthCheck {

  private final SchemaMigration migration;

  SchemaReadiness(SchemaMigration migration) {
    this.migration = migration;
  }

  @Override
  public HealthCheckResponse call() {
    return HealthCheckResponse.named("database schema").status(migration.isReady()).build();
  }
}
