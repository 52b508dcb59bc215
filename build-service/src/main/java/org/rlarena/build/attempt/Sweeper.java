package org.rlarena.build.attempt;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.rlarena.build.builder.WorkFolders;
import org.rlarena.build.bundle.BundleStore;
import org.rlarena.outbox.SchemaMigration;

/**
 * Removes what processes that died have left: folders of runs whose lease nobody holds, and bundles
 * that were never finished.
 */
@ApplicationScoped
class Sweeper {

  private final WorkFolders folders;
  private final BundleStore bundles;
  private final BuildAttempts attempts;
  private final SchemaMigration schema;

  Sweeper(
      WorkFolders folders, BundleStore bundles, BuildAttempts attempts, SchemaMigration schema) {
    this.folders = folders;
    this.bundles = bundles;
    this.attempts = attempts;
    this.schema = schema;
  }

  @Scheduled(every = "60s", delayed = "5s", concurrentExecution = ConcurrentExecution.SKIP)
  @Transactional
  void sweep() {
    if (!schema.isReady()) {
      return;
    }
    // listed first: a folder that appears later belongs to a lease that the query may not see yet
    Set<UUID> present = new HashSet<>(folders.present());
    present.removeAll(attempts.leaseTokens());
    folders.removeAll(present);
    bundles.sweep();
  }
}
