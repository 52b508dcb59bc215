package org.rlarena.build.python;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.bundle.Manifest;

/** Looks at downloaded wheels before anything unpacks them. */
final class WheelFiles {

  private WheelFiles() {}

  /** The wheels of a folder, by file name. */
  static List<Path> in(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  /**
   * Name, version and digest of each wheel of a folder.
   *
   * @param maxBytes largest sum of all files, unpacked
   * @throws BuildFailed with {@code requirements} if they are too large or not wheels
   */
  static List<Manifest.Wheel> inspect(Path folder, long maxBytes) throws IOException {
    List<Manifest.Wheel> wheels = new ArrayList<>();
    long room = maxBytes;
    for (Path file : in(folder)) {
      String name = file.getFileName().toString();
      String[] parts = name.split("-");
      if (!name.endsWith(".whl") || parts.length < 5) {
        throw new BuildFailed(
            FailureReason.REQUIREMENTS, "The package file '" + name + "' is not a wheel.");
      }
      room -= unpackedBytes(file, name);
      if (room < 0) {
        throw new BuildFailed(
            FailureReason.REQUIREMENTS,
            "The packages of requirements.txt unpack to more than %d MiB. Ask for smaller ones."
                .formatted(maxBytes >> 20));
      }
      wheels.add(new Manifest.Wheel(parts[0].replace('_', '-'), parts[1], sha256(file)));
    }
    return wheels;
  }

  private static long unpackedBytes(Path file, String name) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return zip.stream().mapToLong(ZipEntry::getSize).filter(size -> size > 0).sum();
    } catch (ZipException e) {
      throw new BuildFailed(
          FailureReason.REQUIREMENTS, "The package file '" + name + "' is damaged.");
    }
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      DigestInputStream digest = new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
      digest.transferTo(OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digest.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
