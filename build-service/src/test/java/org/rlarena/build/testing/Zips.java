package org.rlarena.build.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** Makes archives, good and bad. */
public final class Zips {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final ZipArchiveOutputStream zip = new ZipArchiveOutputStream(bytes);

  private Zips() {}

  /** An archive of names and contents in turn. */
  public static byte[] of(String... namesAndContents) {
    Zips zips = new Zips();
    for (int i = 0; i < namesAndContents.length; i += 2) {
      zips.with(namesAndContents[i], namesAndContents[i + 1], entry -> {});
    }
    return zips.bytes();
  }

  public static Zips empty() {
    return new Zips();
  }

  public Zips with(String name, String content, Consumer<ZipArchiveEntry> change) {
    return with(name, content.getBytes(StandardCharsets.UTF_8), change);
  }

  public Zips with(String name, byte[] content, Consumer<ZipArchiveEntry> change) {
    try {
      ZipArchiveEntry entry = new ZipArchiveEntry(name);
      change.accept(entry);
      zip.putArchiveEntry(entry);
      zip.write(content);
      zip.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public byte[] bytes() {
    try {
      zip.close();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
