package org.rlarena.match.replays;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.match.matches.StoredObject;

/**
 * Objects as files. An object is complete or absent: it is written aside, forced to disk and then
 * renamed. Dying meanwhile leaves a file in {@code incoming/}, which is swept. Keys are made by
 * this service alone and never hold what a caller wrote.
 */
@ApplicationScoped
class ObjectStore {

  private static final String INCOMING = "incoming/match-service";
  private static final int BUFFER = 64 * 1024;

  private final Path root;

  ObjectStore(ObjectsConfig config) {
    this.root = config.root();
  }

  /**
   * Writes a body aside.
   *
   * @throws TooLarge beyond the limit; nothing is left then, nor after any other exception
   */
  Received receive(InputStream body, long maxBytes) throws IOException {
    Path folder = Files.createDirectories(root.resolve(INCOMING));
    Path file = folder.resolve(UUID.randomUUID().toString());
    try {
      MessageDigest digest = sha256();
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
      force(file);
      return new Received(file, bytes, HexFormat.of().formatHex(digest.digest()));
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Gives what was received its key, in place of what had it. */
  StoredObject keep(Received received, String key) throws IOException {
    Path target = root.resolve(key);
    Files.createDirectories(target.getParent());
    Files.move(
        received.file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return new StoredObject(key, received.bytes, received.sha256);
  }

  /** Forgets what was received; without effect once it is kept. */
  void drop(Received received) throws IOException {
    Files.deleteIfExists(received.file);
  }

  /** The file behind a key, if there is one. */
  Optional<Path> file(String key) {
    Path file = root.resolve(key);
    return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
  }

  /** Describes an object that was put there by somebody else; empty when there is none. */
  Optional<StoredObject> describe(String key) throws IOException {
    Optional<Path> file = file(key);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    MessageDigest digest = sha256();
    long bytes = 0;
    try (InputStream in = Files.newInputStream(file.get())) {
      byte[] buffer = new byte[BUFFER];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes += read;
        digest.update(buffer, 0, read);
      }
    }
    return Optional.of(new StoredObject(key, bytes, HexFormat.of().formatHex(digest.digest())));
  }

  /** Keys that begin with a folder's name and a slash. */
  List<String> keysBelow(String prefix) throws IOException {
    List<String> keys = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve(prefix))) {
      files.forEach(file -> keys.add(prefix + file.getFileName()));
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    return keys;
  }

  /** Removes an object, if it is there. */
  void delete(String key) throws IOException {
    Files.deleteIfExists(root.resolve(key));
  }

  /** Removes what was received before then and never kept. */
  void sweepIncoming(Instant before) throws IOException {
    for (String key : keysBelow(INCOMING + "/")) {
      Path file = root.resolve(key);
      try {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
          Files.deleteIfExists(file);
        }
      } catch (NoSuchFileException e) {
        // Kept or dropped meanwhile, which is as good.
      }
    }
  }

  private static void force(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** A body that was written aside and waits for its key. */
  record Received(Path file, long bytes, String sha256) {}

  /** The body is larger than allowed. */
  static class TooLarge extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
