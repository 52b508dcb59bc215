package org.rlarena.build.bundle;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.jboss.logging.Logger;
import org.rlarena.build.ObjectsConfig;
import org.rlarena.build.PlatformFault;

/**
 * Bundles as files {@code bundles/<sha256>.zip} below the object store's root. A bundle is written
 * beside its place, forced to disk and renamed: under its name there is always the whole of it. If
 * the process dies before the rename a {@code .part} file stays, which {@link #sweep} removes.
 */
@ApplicationScoped
public class BundleStore {

  private static final Logger LOG = Logger.getLogger(BundleStore.class);
  private static final String FOLDER = "bundles";
  private static final String PART = ".part";
  private static final Duration PART_LIFETIME = Duration.ofDays(1);

  private final Path root;
  private final ObjectMapper json;

  BundleStore(ObjectsConfig config, ObjectMapper json) {
    this.root = config.root().toAbsolutePath().normalize();
    this.json = json;
  }

  /**
   * Packs and stores a bundle; equal content is stored once.
   *
   * @param code folder with the submission's files
   * @param packages folder with installed packages, may be empty or missing
   * @throws PlatformFault if the store cannot be written
   */
  public Bundle store(Manifest manifest, Path code, Path packages) {
    try {
      Path folder = Files.createDirectories(root.resolve(FOLDER));
      Path part = Files.createTempFile(folder, "bundle-", PART);
      try {
        String sha256 = BundleArchive.write(part, json.writeValueAsBytes(manifest), code, packages);
        String key = FOLDER + "/" + sha256 + ".zip";
        long bytes = Files.size(part);
        // executors run under another user and read bundles only
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
        force(part, StandardOpenOption.WRITE);
        Files.move(part, root.resolve(key), StandardCopyOption.ATOMIC_MOVE);
        force(folder, StandardOpenOption.READ);
        return new Bundle(key, sha256, bytes, manifest.pythonMinor(), manifest.platform());
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new PlatformFault("The bundle could not be stored.", e);
    }
  }

  /** Where an executor on this machine finds a bundle. */
  public Path path(Bundle bundle) {
    return root.resolve(bundle.key());
  }

  public boolean has(Bundle bundle) {
    return Files.isRegularFile(path(bundle));
  }

  /** Removes what processes that died while writing a bundle have left, a day later. */
  public void sweep() {
    Path folder = root.resolve(FOLDER);
    if (!Files.isDirectory(folder)) {
      return;
    }
    Instant before = Instant.now().minus(PART_LIFETIME);
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + PART)) {
      for (Path part : parts) {
        if (Files.getLastModifiedTime(part).toInstant().isBefore(before)) {
          Files.deleteIfExists(part);
        }
      }
    } catch (IOException e) {
      LOG.warn("Leftovers beside the bundles could not be removed", e);
    }
  }

  private static void force(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }
}
