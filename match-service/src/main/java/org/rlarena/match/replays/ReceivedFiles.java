package org.rlarena.match.replays;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import org.rlarena.match.matches.StoredObject;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.ObjectsConfig;

/**
 * What arrives and has no key yet: files in {@code incoming/} below the store's folder. Dying
 * meanwhile leaves one there, which is swept. Keys are made by this service alone and never hold
 * what a caller wrote.
 */
@ApplicationScoped
class ReceivedFiles {

  private static final int BUFFER = 64 * 1024;

  private final ObjectStore store;
  private final Path folder;

  ReceivedFiles(ObjectStore store, ObjectsConfig config) {
    this.store = store;
    this.folder = config.root().resolve("incoming/match-service");
  }

  /**
   * Writes a body aside.
   *
   * @throws TooLarge beyond the limit; nothing is left then, nor after any other exception
   */
  Received receive(InputStream body, long maxBytes) throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(UUID.randomUUID().toString());
    try {
      MessageDigest digest = Digests.sha256();
      long bytes = 0;
      try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
        byte[] buffer = new byte[BUFFER];
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
          bytes += read;
          if (bytes > maxBytes) {
            throw new TooLarge();
          }
          digest.update(buffer, 0, read);
          out.write(buffer, 0, read);
        }
      }
      return new Received(file, bytes, HexFormat.of().formatHex(digest.digest()));
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Gives what was received its key, in place of what had it. */
  StoredObject keep(Received received, String key) throws IOException {
    store.put(key, received.file, received.sha256);
    return new StoredObject(key, received.bytes, received.sha256);
  }

  /** Forgets the file of what was received; it may be kept or not. */
  void drop(Received received) throws IOException {
    Files.deleteIfExists(received.file);
  }

  /** Removes what was received before then and never kept. */
  void sweep(Instant before) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        try {
          if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
            Files.deleteIfExists(file);
          }
        } catch (NoSuchFileException e) {
          // Kept or dropped meanwhile, which is as good.
        }
      }
    } catch (NoSuchFileException e) {
      // nothing was received yet
    }
  }

  /** A body that was written aside and waits for its key. */
  record Received(Path file, long bytes, String sha256) {}

  /** The body is larger than allowed. */
  static class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
