package org.rlarena.objects;

import jakarta.ws.rs.core.Response.ResponseBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.resteasy.reactive.PathPart;

/**
 * Objects as files named by their key. A file is forced to disk, renamed, and its folder forced to
 * disk: a power cut leaves it under its name whole or not at all.
 */
public final class FolderStore implements ObjectStore {

  private final Path root;

  public FolderStore(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  @Override
  public void put(String key, Path file, String sha256) throws IOException {
    Path target = root.resolve(key);
    Files.createDirectories(target.getParent());
    force(file, StandardOpenOption.WRITE);
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    force(target.getParent(), StandardOpenOption.READ);
  }

  @Override
  public Optional<StoredContent> find(String key) throws IOException {
    Path file = root.resolve(key);
    return Files.isRegularFile(file)
        ? Optional.of(new FileContent(file, Files.size(file)))
        : Optional.empty();
  }

  @Override
  public List<Listed> list(String folder) throws IOException {
    List<Listed> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(root.resolve(folder))) {
      for (Path file : files) {
        try {
          if (Files.isRegularFile(file)) {
            found.add(
                new Listed(
                    folder + file.getFileName(), Files.getLastModifiedTime(file).toInstant()));
          }
        } catch (NoSuchFileException e) {
          // removed meanwhile, by another replica
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of(); // nothing was stored there yet
    }
    return found;
  }

  @Override
  public void delete(String key) throws IOException {
    Files.deleteIfExists(root.resolve(key));
  }

  @Override
  public String location(String key, Duration validity) {
    return root.resolve(key).toString();
  }

  private static void force(Path path, StandardOpenOption option) throws IOException {
    try (FileChannel channel = FileChannel.open(path, option)) {
      channel.force(true);
    }
  }

  /** A file, which the server sends without reading it. */
  private record FileContent(Path file, long bytes) implements StoredContent {

    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(file);
    }

    @Override
    public void copyTo(Path target) throws IOException {
      Files.copy(file, target);
    }

    @Override
    public ResponseBuilder into(ResponseBuilder answer) {
      return answer.entity(file.toFile());
    }

    @Override
    public ResponseBuilder into(ResponseBuilder answer, long first, long count) {
      return answer.entity(new PathPart(file, first, count));
    }
  }
}
