package org.rlarena.submission.sources;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.rlarena.submission.Ids;

/**
 * The uploads' files: {@code sources/<submissionId>.<py|zip>} below the object store's root. Names
 * are made here and never by an uploader.
 *
 * <p>A file appears under its name complete and on disk or not at all: it is written to {@code
 * sources/.incoming}, forced to disk and renamed. A process that dies before the rename leaves a
 * file in that folder; one that dies after it, before its row commits, leaves a file that no row
 * names. {@link #abandonedBefore} and {@link #sweepIncoming} find both.
 */
@ApplicationScoped
public class SourceStore {

  private final Path folder;
  private final Path incoming;

  SourceStore(ObjectStoreConfig config) {
    this.folder = config.root().resolve("sources").toAbsolutePath();
    this.incoming = folder.resolve(".incoming");
  }

  /** Copies an inspected upload into the store. Repeating it replaces the file by the same one. */
  public StoredSource store(UUID submissionId, SourceKind kind, Path upload, String filename) {
    try {
      Files.createDirectories(incoming);
      Path written = Files.createTempFile(incoming, submissionId.toString(), ".part");
      try {
        MessageDigest digest = sha256();
        long bytes = copy(upload, written, digest);
        Files.move(written, path(submissionId, kind), StandardCopyOption.ATOMIC_MOVE);
        forceFolder();
        return new StoredSource(kind, HexFormat.of().formatHex(digest.digest()), bytes, filename);
      } finally {
        Files.deleteIfExists(written);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Upload could not be stored", e);
    }
  }

  /** Where a submission's upload is, whether or not it is still there. */
  public Path path(UUID submissionId, SourceKind kind) {
    return folder.resolve(submissionId + "." + kind.wire());
  }

  /** Removes an upload; nothing happens if it is gone already. */
  public void erase(UUID submissionId, SourceKind kind) {
    erase(path(submissionId, kind));
  }

  /** Removes a file found by {@link #abandonedBefore}; nothing happens if it is gone already. */
  public void erase(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("Upload could not be erased", e);
    }
  }

  /** Stored files last written before an instant: candidates for having lost their row. */
  public List<Candidate> abandonedBefore(Instant limit) {
    return filesIn(folder).stream()
        .filter(file -> isOlder(file, limit))
        .flatMap(
            file -> {
              String name = file.getFileName().toString();
              return Ids.tryParse(name.replaceFirst("\\..*", ""))
                  .map(id -> new Candidate(id, file))
                  .stream();
            })
        .toList();
  }

  /** Removes unfinished uploads last written before an instant and says how many there were. */
  public int sweepIncoming(Instant limit) {
    List<Path> old = filesIn(incoming).stream().filter(file -> isOlder(file, limit)).toList();
    old.forEach(this::erase);
    return old.size();
  }

  /**
   * A stored file and the submission that its name tells.
   *
   * @param submissionId read from the file's name
   * @param file the file
   */
  public record Candidate(UUID submissionId, Path file) {}

  private static long copy(Path from, Path to, MessageDigest digest) throws IOException {
    try (InputStream in = new DigestInputStream(Files.newInputStream(from), digest);
        FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
      OutputStream out = Channels.newOutputStream(channel);
      long bytes = in.transferTo(out);
      channel.force(true);
      return bytes;
    }
  }

  /** A rename survives a power cut only once the folder itself is on disk. */
  private void forceFolder() throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
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
