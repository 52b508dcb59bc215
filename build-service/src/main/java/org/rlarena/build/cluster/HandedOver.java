package org.rlarena.build.cluster;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.ObjectStore.Listed;
import org.rlarena.objects.ObjectsConfig;
import org.rlarena.objects.ObjectsUnavailable;
import org.rlarena.objects.StoredContent;

/**
 * The packages that Jobs have handed over, under {@code build-packages/<job>.zip} in the object
 * store, where every replica finds them. They are there until the bundle is made of them; what is
 * left of builds that were broken off is removed a day later.
 */
@ApplicationScoped
class HandedOver {

  private static final Logger LOG = Logger.getLogger(HandedOver.class);
  private static final Duration LIFETIME = Duration.ofDays(1);
  private static final String FOLDER = "build-packages/";
  private static final String PART = ".part";

  private final ObjectStore objects;
  private final Path folder;
  private final long maxBytes;

  HandedOver(ObjectStore objects, ObjectsConfig config, BuildConfig build) {
    this.objects = objects;
    this.folder = config.root().toAbsolutePath().normalize().resolve(FOLDER);
    this.maxBytes = build.limits().packageBytes();
  }

  /** More bytes than packages may have. */
  static final class TooLarge extends Exception {}

  /** Other bytes than were announced. */
  static final class Damaged extends Exception {}

  /**
   * Stores what a Job hands over; a repeat, by the Job's second pod, takes its place.
   *
   * @param sha256 the announced digest, base64
   */
  void receive(String job, InputStream body, String sha256) throws IOException, TooLarge, Damaged {
    Files.createDirectories(folder);
    Path part = Files.createTempFile(folder, job, PART);
    try {
      MessageDigest digest = sha256();
      long total = 0;
      byte[] buffer = new byte[64 * 1024];
      try (OutputStream file = Files.newOutputStream(part)) {
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
          total += n;
          if (total > maxBytes) {
            throw new TooLarge();
          }
          digest.update(buffer, 0, n);
          file.write(buffer, 0, n);
        }
      }
      byte[] found = digest.digest();
      if (!Base64.getEncoder().encodeToString(found).equals(sha256)) {
        throw new Damaged();
      }
      objects.put(key(job), part, HexFormat.of().formatHex(found));
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Copies the packages of a Job into a file; false if it has handed none over. */
  boolean fetch(String job, Path file) throws IOException {
    Optional<StoredContent> packages = objects.find(key(job));
    if (packages.isEmpty()) {
      return false;
    }
    packages.get().copyTo(file);
    return true;
  }

  void remove(String job) {
    try {
      objects.delete(key(job));
    } catch (IOException | ObjectsUnavailable e) {
      LOG.debugf("Packages not removed; the sweep does it, job=%s: %s", job, e);
    }
  }

  /** Removes what nobody has made a bundle of within a day. */
  void sweep() {
    Instant before = Instant.now().minus(LIFETIME);
    try {
      for (Listed packages : objects.list(FOLDER)) {
        if (packages.modified().isBefore(before)) {
          objects.delete(packages.key());
        }
      }
      sweepParts(before);
    } catch (IOException | ObjectsUnavailable e) {
      LOG.warn("Leftover packages could not be removed", e);
    }
  }

  private void sweepParts(Instant before) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + PART)) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private static String key(String job) {
    return FOLDER + job + ".zip";
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
