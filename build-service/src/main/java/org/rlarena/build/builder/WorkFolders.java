package org.rlarena.build.builder;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.Folders;

/** One folder per run, named by the run's id, readable by this service alone. */
@ApplicationScoped
public class WorkFolders {

  private static final Logger LOG = Logger.getLogger(WorkFolders.class);

  private final Path root;

  WorkFolders(BuildConfig config) {
    this.root = config.workDir().toAbsolutePath().normalize();
  }

  /** Folder below which all runs work; never to be shown in a log. */
  public Path root() {
    return root;
  }

  /** The empty folder of a run. */
  public Path create(UUID run) throws IOException {
    Files.createDirectories(root);
    Path folder = root.resolve(run.toString());
    return Files.createDirectory(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /** Removes a run's folder with all it holds; what cannot be removed is left to the sweep. */
  public void remove(UUID run) {
    try {
      Folders.delete(root.resolve(run.toString()));
    } catch (IOException e) {
      LOG.warnf(
          e, "A run's folder could not be removed; the next sweep tries again, runId=%s", run);
    }
  }

  /** Ids of all runs that have a folder here. */
  public List<UUID> present() {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> folders = Files.list(root)) {
      return folders
          .map(folder -> folder.getFileName().toString())
          .filter(name -> name.matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"))
          .map(UUID::fromString)
          .toList();
    } catch (IOException e) {
      LOG.warn("The folders of runs could not be listed", e);
      return List.of();
    }
  }

  /** Removes the folders of runs that died with their process. */
  public void removeAll(Set<UUID> runs) {
    runs.forEach(this::remove);
  }
}
