package org.rlarena.outbox;

import io.agroal.api.AgroalDataSource;
import io.quarkus.liquibase.LiquibaseFactory;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import liquibase.Liquibase;
import liquibase.Scope;
import liquibase.UpdateSummaryEnum;
import liquibase.exception.LiquibaseException;
import liquibase.lockservice.LockServiceFactory;
import liquibase.ui.LoggerUIService;
import org.jboss.logging.Logger;

/**
 * Brings the schema up to date in the background, as soon as the database answers.
 *
 * <p>So a service starts without its database. Replicas take turns: an advisory lock, which ends
 * with its session, guards Liquibase's own lock, a row that a killed process leaves behind.
 */
@ApplicationScoped
public class SchemaMigration {

  private static final Logger LOG = Logger.getLogger(SchemaMigration.class);
  private static final long LOCK = 0x72_6c_61_72_65_6e_61_01L;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

  private final AgroalDataSource dataSource;
  private final LiquibaseFactory liquibase;
  private final CountDownLatch ready = new CountDownLatch(1);
  private final CountDownLatch stopping = new CountDownLatch(1);

  SchemaMigration(AgroalDataSource dataSource, LiquibaseFactory liquibase) {
    this.dataSource = dataSource;
    this.liquibase = liquibase;
  }

  /** Whether the schema is up to date. Once true, it stays so. */
  public boolean isReady() {
    return ready.getCount() == 0;
  }

  /**
   * Waits until the schema is up to date, as long as that takes.
   *
   * @throws IllegalStateException when the application stops or the thread is interrupted meanwhile
   */
  public void await() {
    try {
      while (!ready.await(100, TimeUnit.MILLISECONDS)) {
        if (stopping.getCount() == 0) {
          throw new IllegalStateException("The application stops before its database answered");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for the database schema", e);
    }
  }

  void start(@Observes StartupEvent event) {
    Thread.ofPlatform().daemon().name("schema-migration").start(this::migrateWithRetries);
  }

  void stop(@Observes ShutdownEvent event) {
    stopping.countDown();
  }

  private void migrateWithRetries() {
    Duration pause = FIRST_PAUSE;
    String lastComplaint = "";
    try {
      do {
        try {
          migrate();
          ready.countDown();
          LOG.info("Database schema is up to date");
          return;
        } catch (Exception e) {
          String complaint = String.valueOf(e.getMessage());
          // once per kind of trouble, not once per attempt
          if (!complaint.equals(lastComplaint)) {
            LOG.warnf("Database schema is not ready, trying again: %s", complaint);
            lastComplaint = complaint;
          }
          LOG.debug("Migration failed", e);
        }
        pause = longer(pause);
      } while (!stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void migrate() throws Exception {
    try (Connection guard = dataSource.getConnection()) {
      lock(guard);
      try (Liquibase log = liquibase.createLiquibase()) {
        // its own voice would be lines on the standard output that are none of the log
        Scope.child(Scope.Attr.ui, new LoggerUIService(), () -> update(log));
      } finally {
        unlock(guard);
      }
    }
  }

  private void update(Liquibase log) throws LiquibaseException {
    // we alone migrate now, so a lock row can only be a dead process's; not by the command of
    // Liquibase, which writes to the standard output
    LockServiceFactory.getInstance().getLockService(log.getDatabase()).forceReleaseLock();
    log.setShowSummary(UpdateSummaryEnum.OFF);
    log.update(liquibase.createContexts(), liquibase.createLabels());
  }

  private static void lock(Connection connection) throws SQLException {
    try (var lock = connection.prepareStatement("select pg_advisory_lock(?)")) {
      lock.setLong(1, LOCK);
      lock.execute();
    }
  }

  private static void unlock(Connection connection) {
    try (var unlock = connection.prepareStatement("select pg_advisory_unlock(?)")) {
      unlock.setLong(1, LOCK);
      unlock.execute();
    } catch (SQLException e) {
      // the session is gone and its locks with it
      LOG.debug("Could not release the migration lock", e);
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }
}
