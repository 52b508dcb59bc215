package org.rlarena.submission.sources;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.AsiExtraField;
import org.apache.commons.compress.archivers.zip.UnicodePathExtraField;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.commons.compress.archivers.zip.ZipMethod;
import org.rlarena.submission.SubmissionError;

/**
 * Inspects an uploaded archive to the last byte without writing anything: names, kinds of entries,
 * sizes counted while inflating, check sums, and the entry point. Archives inside the archive are
 * data and are not opened.
 */
final class ArchiveInspector {

  /** Below this a high ratio does no harm, and files of zeros reach any ratio. */
  private static final long RATIO_JUDGED_FROM = 10L * 1024 * 1024;

  private static final int TYPE_MASK = 0170000;
  private static final int FOLDER = 0040000;
  private static final int REGULAR = 0100000;

  private final ArchiveLimits limits;

  ArchiveInspector(ArchiveLimits limits) {
    this.limits = limits;
  }

  /**
   * Accepts an archive.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code unsafe_archive} or {@code
   *     missing_entry_point}
   */
  void inspect(Path archive) {
    try {
      EntryPoint entryPoint = read(archive);
      entryPoint.require();
    } catch (UnsafeArchive e) {
      throw SubmissionError.UNSAFE_ARCHIVE.because(e.getMessage());
    } catch (IOException | IllegalArgumentException e) {
      // commons-compress reports what it cannot make sense of in either way
      throw SubmissionError.UNSAFE_ARCHIVE.because(
          "The archive is damaged or uses a feature that is not supported; create it anew.");
    }
  }

  private EntryPoint read(Path archive) throws IOException, UnsafeArchive {
    try (FileChannel file = FileChannel.open(archive)) {
      CentralDirectory.check(file, limits.entries());
    }
    long allowed = allowedBytes(Files.size(archive));
    EntryNames names = new EntryNames(limits.depth());
    EntryPoint entryPoint = new EntryPoint();
    try (ZipFile zip =
        ZipFile.builder()
            .setPath(archive)
            .setCharset(StandardCharsets.UTF_8)
            .setUseUnicodeExtraFields(false)
            .setIgnoreLocalFileHeader(true)
            .get()) {
      for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
        requirePlainEntry(entry);
        String[] parts = names.accept(entry.getName(), entry.isDirectory());
        if (!entry.isDirectory()) {
          allowed -= inflate(zip, entry, allowed);
          entryPoint.see(parts);
        }
      }
    }
    return entryPoint;
  }

  private long allowedBytes(long archiveBytes) {
    long byRatio = Math.max(RATIO_JUDGED_FROM, archiveBytes * limits.ratio());
    return Math.min(limits.unpackedBytes(), byRatio);
  }

  private static void requirePlainEntry(ZipArchiveEntry entry) throws UnsafeArchive {
    String name = EntryNames.shown(entry.getName());
    if (entry.getGeneralPurposeBit().usesEncryption()) {
      throw new UnsafeArchive(name + " is encrypted. Pack it without a password.");
    }
    // judged whatever system the entry claims to come from, since unpackers differ in that
    int type = (int) (entry.getExternalAttributes() >>> 16) & TYPE_MASK;
    boolean matches = entry.isDirectory() ? type == FOLDER : type == REGULAR;
    if ((type != 0 && !matches) || isLink(entry)) {
      throw new UnsafeArchive(
          name + " is a link, a device or another special file. Pack plain files and folders.");
    }
    if (entry.getExtraField(UnicodePathExtraField.UPATH_ID) != null) {
      throw new UnsafeArchive(name + " has a second name. Use letters without accents.");
    }
    int method = entry.getMethod();
    if (method != ZipMethod.STORED.getCode() && method != ZipMethod.DEFLATED.getCode()) {
      throw new UnsafeArchive(name + " is packed in a rare way. Use \"deflate\" or \"store\".");
    }
    if (entry.isDirectory() && entry.getSize() != 0) {
      throw new UnsafeArchive(name + " is a folder with content of its own; create it anew.");
    }
  }

  private static boolean isLink(ZipArchiveEntry entry) {
    return Arrays.stream(entry.getExtraFields())
        .anyMatch(field -> field instanceof AsiExtraField asi && asi.isLink());
  }

  /** Unpacks one file into nothing and returns its true size. */
  private long inflate(ZipFile zip, ZipArchiveEntry entry, long allowed)
      throws IOException, UnsafeArchive {
    long bytes = 0;
    CRC32 sum = new CRC32();
    byte[] buffer = new byte[64 * 1024];
    try (InputStream in = zip.getInputStream(entry)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        bytes += n;
        sum.update(buffer, 0, n);
        if (bytes > allowed) {
          throw new UnsafeArchive(
              "The archive unpacks to more than %d MiB or %d times its size (at %s)."
                  .formatted(
                      limits.unpackedBytes() >> 20,
                      limits.ratio(),
                      EntryNames.shown(entry.getName())));
        }
      }
    }
    if (bytes != entry.getSize() || sum.getValue() != entry.getCrc()) {
      throw new UnsafeArchive(
          "%s is damaged: size or check sum is not what the archive says. Create it anew."
              .formatted(EntryNames.shown(entry.getName())));
    }
    return bytes;
  }

  /** Looks for what will be started: agent.py, main.py or the only .py file at the top level. */
  private static final class EntryPoint {

    private final List<String> topLevelPython = new ArrayList<>();
    private String enclosed;

    void see(String[] parts) {
      String file = parts[parts.length - 1];
      if (parts.length == 1 && file.endsWith(".py")) {
        topLevelPython.add(file);
      } else if (parts.length == 2 && isEntryName(file)) {
        enclosed = String.join("/", parts);
      }
    }

    void require() {
      if (topLevelPython.size() == 1 || topLevelPython.stream().anyMatch(EntryPoint::isEntryName)) {
        return;
      }
      String advice =
          enclosed == null
              ? "Put the agent into agent.py or main.py at the archive's top level."
              : "%s lies in a folder: pack the folder's content, not the folder itself."
                  .formatted(EntryNames.shown(enclosed));
      throw SubmissionError.MISSING_ENTRY_POINT.because(
          "The archive has no agent.py, no main.py and not exactly one .py file at its top level. "
              + advice);
    }

    private static boolean isEntryName(String file) {
      return file.equals("agent.py") || file.equals("main.py");
    }
  }
}
