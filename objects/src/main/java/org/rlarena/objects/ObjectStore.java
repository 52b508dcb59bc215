package org.rlarena.objects;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Objects by key. A key is made of folders and a name, {@code bundles/<digest>.zip}, and never of
 * what a caller wrote. All methods throw {@link ObjectsUnavailable} if the store cannot be had;
 * whatever was asked may be asked again.
 */
public interface ObjectStore {

  /**
   * Stores a file's content, in place of what had the key. After it returns the object is there for
   * good; before, or if it throws, nobody sees a part of it.
   *
   * @param file complete, below {@link ObjectsConfig#root()}; may be gone afterwards
   * @param sha256 of the content, in hexadecimal
   */
  void put(String key, Path file, String sha256) throws IOException;

  /** What has the key; empty if nothing has. */
  Optional<StoredContent> find(String key) throws IOException;

  /**
   * The objects of one folder, without those of folders in it.
   *
   * @param folder ends with a slash
   */
  List<Listed> list(String folder) throws IOException;

  /** Removes an object, if it is there. */
  void delete(String key) throws IOException;

  /**
   * Where an executor finds the object: a path, or a URL that holds so long and allows to read this
   * object alone. Whoever holds the URL needs no credential, so it is not logged.
   */
  String location(String key, Duration validity);

  /**
   * An object of a folder.
   *
   * @param modified when it was stored, by the store's clock
   */
  record Listed(String key, Instant modified) {}
}
