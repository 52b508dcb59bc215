package org.rlarena.build.bundle;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.jboss.logging.Logger;
import org.rlarena.build.PlatformFault;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.ObjectsConfig;
import org.rlarena.objects.ObjectsUnavailable;
import org.rlarena.objects.StoredContent;

/**
 * Bundles under {@code bundles/<sha256>.zip} in the object store. A bundle is packed into a file
 * below the store's folder first: under its key there is always the whole of it. If the process
 * dies meanwhile a {@code .part} file stays, which {@link #sweep} removes.
 */
@ApplicationScoped
public class BundleStore {

  private static final Logger LOG = Logger.getLogger(BundleStore.class);
  private static final String FOLDER = "bundles";
  private static final String PART = ".part";
  private static final Duration PART_LIFETIME = Duration.ofDays(1);

  /** Longer than a validation game waits for an executor and plays. */
  private static final Duration URL_LIFETIME = Duration.ofHours(1);

  private final ObjectStore objects;
  private final Path folder;
  private final ObjectMapper json;

  BundleStore(ObjectStore objects, ObjectsConfig config, ObjectMapper json) {
    this.objects = objects;
    this.folder = config.root().toAbsolutePath().normalize().resolve(FOLDER);
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
      Path part = newPart();
      try {
        String sha256 = BundleArchive.write(part, json.writeValueAsBytes(manifest), code, packages);
        String key = FOLDER + "/" + sha256 + ".zip";
        long bytes = Files.size(part);
        // executors run under another user and read bundles only
        Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r--r--"));
        objects.put(key, part, sha256);
        return new Bundle(key, sha256, bytes, manifest.pythonMinor(), manifest.platform());
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException | UncheckedIOException | ObjectsUnavailable e) {
      throw new PlatformFault("The bundle could not be stored.", e);
    }
  }

  /**
   * Where an executor finds a bundle: a path, or a URL that must not be logged.
   *
   * @throws PlatformFault if the store cannot be had
   */
  public String location(Bundle bundle) {
    try {
      return objects.location(bundle.key(), URL_LIFETIME);
    } catch (ObjectsUnavailable e) {
      throw unreadable(e);
    }
  }

  /**
   * Whether the bundle is still there.
   *
   * @throws PlatformFault if the store cannot be had
   */
  public boolean has(Bundle bundle) {
    try {
      return objects.find(bundle.key()).isPresent();
    } catch (IOException | ObjectsUnavailable e) {
      throw unreadable(e);
    }
  }

  /**
   * Copies a bundle into a file that is not there yet.
   *
   * @throws PlatformFault if it is gone, or the store cannot be had
   */
  public void copyTo(Bundle bundle, Path file) {
    try {
      content(bundle).copyTo(file);
    } catch (IOException | ObjectsUnavailable e) {
      throw unreadable(e);
    }
  }

  /**
   * What a bundle says of itself.
   *
   * @throws PlatformFault if it is gone, or the store cannot be had
   */
  public Manifest manifest(Bundle bundle) {
    try (ZipInputStream zip = new ZipInputStream(content(bundle).open())) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().equals(BundleArchive.MANIFEST)) {
          return json.readValue(zip.readAllBytes(), Manifest.class);
        }
      }
      throw new IOException("no manifest in " + bundle.key());
    } catch (IOException | ObjectsUnavailable e) {
      throw unreadable(e);
    }
  }

  /** A new file for what is on its way to the store; {@link #sweep} removes one that is left. */
  public Path newPart() throws IOException {
    Files.createDirectories(folder);
    return Files.createTempFile(folder, "object-", PART);
  }

  private StoredContent content(Bundle bundle) throws IOException {
    return objects.find(bundle.key()).orElseThrow(() -> new NoSuchFileException(bundle.key()));
  }

  /** Removes what processes that died while writing a bundle have left, a day later. */
  public void sweep() {
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

  private static PlatformFault unreadable(Exception e) {
    return new PlatformFault("The bundle cannot be reached.", e);
  }
}
