package org.rlarena.infra;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server that outlived the process which started it.
 *
 * <p>Its processes are recognised by their working directory, which PostgreSQL sets to the data
 * folder: the number in {@code postmaster.pid} alone may by now belong to somebody else. Needs
 * {@code /proc}; elsewhere nothing is found and PostgreSQL's own checks decide.
 */
final class LeftoverServer {

  private static final Logger LOG = LoggerFactory.getLogger(LeftoverServer.class);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private LeftoverServer() {}

  /**
   * Ends every server process that still works in the data folder and removes its lock file.
   *
   * @throws IllegalStateException when a process does not end
   */
  static void stop(Path cluster) throws IOException {
    if (!Files.exists(cluster)) {
      return;
    }
    List<ProcessHandle> left = processes(cluster.toRealPath());
    if (!left.isEmpty()) {
      LOG.info("Stopping {} left-over PostgreSQL processes of {}", left.size(), cluster);
      // the postmaster first: without it its children end by themselves
      postmaster(cluster, left).ifPresent(LeftoverServer::end);
      left.forEach(LeftoverServer::end);
    }
    Files.deleteIfExists(cluster.resolve("postmaster.pid"));
    Files.deleteIfExists(cluster.resolve("epg-lock"));
  }

  private static List<ProcessHandle> processes(Path cluster) {
    return ProcessHandle.allProcesses().filter(p -> worksIn(p, cluster)).toList();
  }

  private static boolean worksIn(ProcessHandle process, Path cluster) {
    Path proc = Path.of("/proc", String.valueOf(process.pid()));
    try {
      return Files.readString(proc.resolve("comm")).strip().equals("postgres")
          && proc.resolve("cwd").toRealPath().equals(cluster);
    } catch (IOException e) {
      // ended meanwhile, or of another user
      return false;
    }
  }

  private static Optional<ProcessHandle> postmaster(Path cluster, List<ProcessHandle> left) {
    try {
      long pid = Long.parseLong(Files.readAllLines(cluster.resolve("postmaster.pid")).getFirst());
      return left.stream().filter(p -> p.pid() == pid).findFirst();
    } catch (IOException | RuntimeException e) {
      // no usable lock file: all processes are ended alike
      return Optional.empty();
    }
  }

  private static void end(ProcessHandle process) {
    process.destroy();
    if (ended(process)) {
      return;
    }
    process.destroyForcibly();
    if (!ended(process)) {
      throw new IllegalStateException("PostgreSQL process " + process.pid() + " does not end");
    }
  }

  private static boolean ended(ProcessHandle process) {
    CompletableFuture<ProcessHandle> exit = process.onExit();
    try {
      exit.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("Could not wait for process " + process.pid(), e);
    }
  }
}
