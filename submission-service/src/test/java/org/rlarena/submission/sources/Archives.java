package org.rlarena.submission.sources;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;

/** Archives for tests, good and bad. */
public final class Archives {

  public static final String AGENT = "def act(observation):\n    return 0\n";

  private final SeekableInMemoryByteChannel bytes = new SeekableInMemoryByteChannel();
  private final ZipArchiveOutputStream zip;

  private Archives() {
    zip = new ZipArchiveOutputStream(bytes);
    zip.setUseZip64(Zip64Mode.Never);
    zip.setCreateUnicodeExtraFields(ZipArchiveOutputStream.UnicodeExtraFieldPolicy.NEVER);
  }

  /** An archive without entries. */
  public static Archives empty() {
    return new Archives();
  }

  /** An archive with a proper agent.py. */
  public static Archives withAgent() {
    return new Archives().file("agent.py", AGENT);
  }

  public Archives file(String name, String text) {
    return entry(new ZipArchiveEntry(name), text.getBytes(StandardCharsets.UTF_8));
  }

  public Archives folder(String name) {
    return entry(new ZipArchiveEntry(name + "/"), new byte[0]);
  }

  /** A file whose unix mode is set, for example that of a link. */
  public Archives special(String name, int mode) {
    ZipArchiveEntry entry = new ZipArchiveEntry(name);
    entry.setUnixMode(mode);
    return entry(entry, "target".getBytes(StandardCharsets.UTF_8));
  }

  /** A file of zeros. */
  public Archives zeros(String name, int size) {
    return entry(new ZipArchiveEntry(name), new byte[size]);
  }

  public Archives entry(ZipArchiveEntry entry, byte[] content) {
    try {
      zip.putArchiveEntry(entry);
      zip.write(content);
      zip.closeArchiveEntry();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public byte[] toBytes() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] all = new byte[(int) bytes.size()];
    System.arraycopy(bytes.array(), 0, all, 0, all.length);
    return all;
  }

  /** Replaces bytes at every place where a pattern stands. */
  static byte[] replaceAll(byte[] archive, byte[] pattern, byte[] replacement) {
    byte[] changed = archive.clone();
    for (int at = 0; at + pattern.length <= changed.length; at++) {
      if (startsWith(changed, at, pattern)) {
        System.arraycopy(replacement, 0, changed, at, replacement.length);
      }
    }
    return changed;
  }

  /** Where a pattern stands for the last time. */
  static int lastIndexOf(byte[] archive, byte[] pattern) {
    for (int at = archive.length - pattern.length; at >= 0; at--) {
      if (startsWith(archive, at, pattern)) {
        return at;
      }
    }
    throw new IllegalArgumentException("Pattern not found");
  }

  /** One array after the other. */
  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static boolean startsWith(byte[] bytes, int at, byte[] pattern) {
    for (int i = 0; i < pattern.length; i++) {
      if (bytes[at + i] != pattern[i]) {
        return false;
      }
    }
    return true;
  }
}
