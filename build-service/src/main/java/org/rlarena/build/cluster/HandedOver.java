package org.rlarena.build.cluster;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.ObjectsConfig;

/**
 * The packages that Jobs have handed over, as files {@code build-packages/<job>.zip} below the
 * object store's root, where every replica finds them. They are there until the bundle is made of
 * them; what is left of builds that were broken off is removed a day later.
 */
@ApplicationScoped
class HandedOver {

  private static final Logger LOG = Logger.getLogger(HandedOver.class);
  private static final Duration LIFETIME = Duration.ofDays(1);

  private final Path folder;
  private final long maxBytes;

  HandedOver(ObjectsConfig objects, BuildConfig build) {
    this.folder = objects.root().toAbsolutePath().normalize().resolve("build-packages");
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
    Path part = Files.createTempFile(folder, job, ".part");
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
      if (!Base64.getEncoder().encodeToString(digest.digest()).equals(sha256)) {
        throw new Damaged();
      }
      Files.move(part, path(job), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Where the packages of a Job are, if it has handed them over. */
  Path path(String job) {
    return folder.resolve(job + ".zip");
  }

  void remove(String job) {
    try {
      Files.deleteIfExists(path(job));
    } catch (IOException e) {
      LOG.debugf("Packages not removed; the sweep does it, job=%s: %s", job, e);
    }
  }

  /** Removes what nobody has made a bundle of within a day. */
  void sweep() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    Instant before = Instant.now().minus(LIFETIME);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      LOG.warn("Leftover packages could not be removed", e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
