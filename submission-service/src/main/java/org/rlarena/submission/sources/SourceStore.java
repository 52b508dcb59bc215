package org.rlarena.submission.sources;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.ObjectsConfig;
import org.rlarena.objects.StoredContent;
import org.rlarena.submission.Ids;

/**
 * The uploads, under {@code sources/<submissionId>.<py|zip>} in the object store. Names are made
 * here and never by an uploader.
 *
 * <p>An upload is copied aside first, to {@code sources/.incoming} below the store's folder. A
 * process that dies then leaves a file in that folder; one that dies after the upload is in the
 * store, before its row commits, leaves an object that no row names. {@link #abandonedBefore} and
 * {@link #sweepIncoming} find both.
 */
@ApplicationScoped
public class SourceStore {

  private static final String FOLDER = "sources/";

  private final ObjectStore objects;
  private final Path incoming;

  @Inject
  SourceStore(ObjectStore objects, ObjectsConfig config) {
    this(objects, config.root());
  }

  SourceStore(ObjectStore objects, Path root) {
    this.objects = objects;
    this.incoming = root.resolve("sources/.incoming").toAbsolutePath();
  }

  /**
   * Copies an inspected upload into the store. Repeating it replaces the object by the same one.
   */
  public StoredSource store(UUID submissionId, SourceKind kind, Path upload, String filename) {
    try {
      Files.createDirectories(incoming);
      Path written = Files.createTempFile(incoming, submissionId.toString(), ".part");
      try {
        MessageDigest digest = sha256();
        long bytes = copy(upload, written, digest);
        String sha256 = HexFormat.of().formatHex(digest.digest());
        objects.put(key(submissionId, kind), written, sha256);
        return new StoredSource(kind, sha256, bytes, filename);
      } finally {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Upload could not be stored", e);
    }
  }

  /** A submission's upload, if it is still there. */
  public Optional<StoredContent> find(UUID submissionId, SourceKind kind) {
    try {
      return objects.find(key(submissionId, kind));
    } catch (IOException e) {
      throw new UncheckedIOException("Upload could not be read", e);
    }
  }

  /** Removes an upload; nothing happens if it is gone already. */
  public void erase(UUID submissionId, SourceKind kind) {
    erase(key(submissionId, kind));
  }

  /** Removes an object found by {@link #abandonedBefore}; nothing happens if it is gone already. */
  public void erase(String key) {
    try {
      objects.delete(key);
    } catch (IOException e) {
      throw new UncheckedIOException("Upload could not be erased", e);
    }
  }

  /** Uploads last written before an instant: candidates for having lost their row. */
  public List<Candidate> abandonedBefore(Instant limit) {
    try {
      return objects.list(FOLDER).stream()
          .filter(object -> object.modified().isBefore(limit))
          .flatMap(
              object -> {
                String name = object.key().substring(FOLDER.length());
                return Ids.tryParse(name.replaceFirst("\\..*", ""))
                    .map(id -> new Candidate(id, object.key()))
                    .stream();
              })
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Uploads could not be listed", e);
    }
  }

  /** Removes unfinished uploads last written before an instant and says how many there were. */
  public int sweepIncoming(Instant limit) {
    List<Path> old = filesIn(incoming).stream().filter(file -> isOlder(file, limit)).toList();
    old.forEach(SourceStore::remove);
    return old.size();
  }

  /**
   * An upload in the store and the submission that its name tells.
   *
   * @param submissionId read from the key
   * @param key the object's
   */
  public record Candidate(UUID submissionId, String key) {}

  private static String key(UUID submissionId, SourceKind kind) {
    return FOLDER + submissionId + "." + kind.wire();
  }

  private static long copy(Path from, Path to, MessageDigest digest) throws IOException {
    try (InputStream in = new DigestInputStream(Files.newInputStream(from), digest);
        OutputStream out = Files.newOutputStream(to)) {
      return in.transferTo(out);
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Unfinished upload could not be removed", e);
    }
  }

  private static List<Path> filesIn(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.filter(Files::isRegularFile).toList();
    } catch (NoSuchFileException e) {
      return List.of(); // nothing was uploaded yet
    } catch (IOException e) {
      throw new UncheckedIOException("Uploads could not be listed", e);
    }
  }

  private static boolean isOlder(Path file, Instant limit) {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(limit);
    } catch (NoSuchFileException e) {
      return false; // finished or swept by another replica meanwhile
    } catch (IOException e) {
      throw new UncheckedIOException("Age of an upload could not be read", e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
