package org.rlarena.build.signing;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** A {@code cosign} that keeps what it was called with, and behaves as the test has told it to. */
public final class FakeCosign {

  private static final String SCRIPT =
      """
      #!/bin/sh
      folder="${0%/*}"
      env | sort > "$folder/environment"
      pwd > "$folder/folder"
      echo "$*" >> "$folder/calls"
      if [ "$1" = public-key ]; then
        . "$folder/opening"
      else
        . "$folder/signing"
      fi
      """;

  private final Path folder;

  /**
   * @param folder for the program, its key and its password; made if it is not there
   */
  public FakeCosign(Path folder) {
    this.folder = folder;
    try {
      Files.createDirectories(folder);
      Files.writeString(program(), SCRIPT);
      Files.setPosixFilePermissions(program(), PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.writeString(key(), "a key");
      Files.writeString(password(), "secret of the key\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    open("true");
    sign("true");
  }

  public Path program() {
    return folder.resolve("cosign");
  }

  public Path key() {
    return folder.resolve("cosign.key");
  }

  public Path password() {
    return folder.resolve("password");
  }

  /** It runs these words of a shell when it is asked for the public key. */
  public void open(String words) {
    put("opening", words);
  }

  /** It runs these words of a shell when it is to sign; {@code $folder} is where files may go. */
  public void sign(String words) {
    put("signing", words);
  }

  /** What it was called with, one call a line. */
  public List<String> calls() {
    return has("calls") ? noted("calls").lines().toList() : List.of();
  }

  /** What it noted in a file of its folder. */
  public String noted(String file) {
    try {
      return Files.readString(folder.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean has(String file) {
    return Files.exists(folder.resolve(file));
  }

  /** Renamed into place: a program that runs sees the one or the other. */
  private void put(String file, String words) {
    try {
      Path part = Files.writeString(folder.resolve(file + ".part"), words + "\n");
      Files.move(part, folder.resolve(file), ATOMIC_MOVE, REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
