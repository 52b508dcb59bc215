package org.rlarena.outbox;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemContext;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemPostProcessor;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Answers 503 with code {@code database_unavailable} and {@code Retry-After}, instead of 500, to a
 * request that failed because the database is away or its schema is not there yet.
 *
 * <p>A post-processor and no exception mapper: the fault arrives wrapped in exceptions of many
 * kinds, of the pool, Hibernate and the transaction manager, which also stand for other faults.
 */
@ApplicationScoped
class DatabaseUnavailable implements ProblemPostProcessor {

  private static final int BEFORE_LOGGING = 110;
  private static final int RETRY_AFTER_SECONDS = 5;

  private final SchemaMigration migration;

  DatabaseUnavailable(SchemaMigration migration) {
    this.migration = migration;
  }

  @Override
  public HttpProblem apply(HttpProblem problem, ProblemContext context) {
    if (problem.getStatusCode() != 500 || !isOutage(context.cause)) {
      return problem;
    }
    return HttpProblem.builder()
        .withStatus(503)
        .withTitle("Service Unavailable")
        .withDetail("The database does not answer at the moment. Please try again.")
        .withHeader("Retry-After", RETRY_AFTER_SECONDS)
        .with("code", "database_unavailable")
        .build();
  }

  @Override
  public int priority() {
    return BEFORE_LOGGING;
  }

  private boolean isOutage(Throwable cause) {
    return DatabaseFault.isUnavailable(cause)
        || (!migration.isReady() && DatabaseFault.isMissingSchema(cause));
  }
}
