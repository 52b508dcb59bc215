package org.rlarena.build.bundle;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the archive of a bundle so that equal content gives equal bytes: names sorted, one fixed
 * time, no owners, no modes. Only regular files are taken; a link that an installed package planted
 * is left out rather than followed.
 */
final class BundleArchive {

  static final String MANIFEST = "manifest.json";

  // not the first moment of 1980: Java takes that for "before 1980" and adds one in local time
  private static final LocalDateTime TIME = LocalDateTime.of(1981, 1, 1, 0, 0);

  private BundleArchive() {}

  /** Writes the archive and returns its SHA-256 in lower-case hex. */
  static String write(Path target, byte[] manifest, Path code, Path packages) throws IOException {
    TreeMap<String, Path> files = new TreeMap<>();
    collect(code, "code/", files);
    collect(packages, "packages/", files);
    MessageDigest digest = sha256();
    try (OutputStream file = new BufferedOutputStream(Files.newOutputStream(target));
        ZipOutputStream zip = new ZipOutputStream(new DigestOutputStream(file, digest))) {
      // executors unpack a bundle for each match: speed matters more than the last per cent
      zip.setLevel(Deflater.BEST_SPEED);
      boolean manifestWritten = false;
      for (Map.Entry<String, Path> entry : files.entrySet()) {
        if (!manifestWritten && entry.getKey().compareTo(MANIFEST) > 0) {
          add(zip, manifest);
          manifestWritten = true;
        }
        zip.putNextEntry(named(entry.getKey()));
        Files.copy(entry.getValue(), zip);
        zip.closeEntry();
      }
      if (!manifestWritten) {
        add(zip, manifest);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(ZipOutputStream zip, byte[] manifest) throws IOException {
    zip.putNextEntry(named(MANIFEST));
    zip.write(manifest);
    zip.closeEntry();
  }

  private static ZipEntry named(String name) {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(TIME);
    return entry;
  }

  private static void collect(Path folder, String prefix, TreeMap<String, Path> files)
      throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (attributes.isRegularFile()) {
              files.put(prefix + folder.relativize(file), file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
