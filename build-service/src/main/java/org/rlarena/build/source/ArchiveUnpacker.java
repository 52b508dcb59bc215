package org.rlarena.build.source;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.RunControl;

/**
 * Unpacks an uploaded zip into an empty folder. submission-service has looked at the archive
 * before; this check does not rely on it. Every entry is judged before the first is written, sizes
 * are counted while inflating and never believed, and nothing but plain files and folders is made.
 */
public final class ArchiveUnpacker {

  private static final int TYPE_MASK = 0170000;
  private static final int TYPE_FILE = 0100000;
  private static final int TYPE_FOLDER = 0040000;

  private final int maxEntries;
  private final long maxBytes;

  /**
   * @param maxEntries most files and folders
   * @param maxBytes largest sum of all files, unpacked
   */
  public ArchiveUnpacker(int maxEntries, long maxBytes) {
    this.maxEntries = maxEntries;
    this.maxBytes = maxBytes;
  }

  /**
   * @throws BuildFailed with {@code unsafe_archive}, naming the entry that is refused
   */
  public void unpack(Path archive, Path target, RunControl control) throws IOException {
    int entries;
    try {
      entries = CentralDirectory.count(archive, maxEntries);
    } catch (IOException e) {
      throw damaged();
    }
    if (entries < 0) {
      throw damaged();
    }
    if (entries > maxEntries) {
      throw refused("The archive has more than %d entries.".formatted(maxEntries));
    }
    try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
      List<ZipArchiveEntry> all = new ArrayList<>();
      zip.getEntries().asIterator().forEachRemaining(all::add);
      refuseUnsafe(all);
      refuseOverlaps(all);
      long written = 0;
      for (ZipArchiveEntry entry : all) {
        control.check();
        if (isLeftOut(entry.getName())) {
          continue;
        }
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target) || path.equals(target)) {
          throw refused(entry, "leaves the archive's folder");
        }
        if (entry.isDirectory()) {
          createFolder(entry, path);
        } else {
          createFolder(entry, path.getParent());
          written += write(zip, entry, path, maxBytes - written, control);
        }
      }
    } catch (ZipException e) {
      throw damaged();
    }
  }

  private static void refuseUnsafe(List<ZipArchiveEntry> entries) {
    EntryNames names = new EntryNames();
    for (ZipArchiveEntry entry : entries) {
      names
          .problem(entry.getName())
          .ifPresent(
              problem -> {
                throw refused(entry, problem);
              });
      int type = entry.getUnixMode() & TYPE_MASK;
      if (entry.isUnixSymlink() || (type != 0 && type != TYPE_FILE && type != TYPE_FOLDER)) {
        throw refused(entry, "is a link or a device, and only files and folders are allowed");
      }
      if (entry.getGeneralPurposeBit().usesEncryption()) {
        throw refused(entry, "is encrypted");
      }
      if (entry.getMethod() != ZipEntry.STORED && entry.getMethod() != ZipEntry.DEFLATED) {
        throw refused(entry, "is packed by a method other than stored and deflated");
      }
    }
  }

  /** Entries that share bytes make a small archive unpack to any size (David Fifield's bomb). */
  private static void refuseOverlaps(List<ZipArchiveEntry> entries) {
    List<ZipArchiveEntry> ordered = new ArrayList<>(entries);
    ordered.sort(Comparator.comparingLong(ZipArchiveEntry::getLocalHeaderOffset));
    long end = 0;
    for (ZipArchiveEntry entry : ordered) {
      if (entry.getLocalHeaderOffset() < end || entry.getDataOffset() < 0) {
        throw refused(entry, "shares bytes with another entry");
      }
      end = entry.getDataOffset() + Math.max(0, entry.getCompressedSize());
    }
  }

  private long write(ZipFile zip, ZipArchiveEntry entry, Path path, long room, RunControl control)
      throws IOException {
    long written = 0;
    byte[] buffer = new byte[64 * 1024];
    try (InputStream in = zip.getInputStream(entry);
        OutputStream out = create(entry, path)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        control.check();
        written += n;
        if (written > room) {
          throw refused("The archive unpacks to more than %d MiB.".formatted(maxBytes >> 20));
        }
        if (written > entry.getSize()) {
          throw refused(entry, "is larger than the archive says");
        }
        out.write(buffer, 0, n);
      }
    }
    if (written != entry.getSize()) {
      throw refused(entry, "is smaller than the archive says");
    }
    return written;
  }

  private static OutputStream create(ZipArchiveEntry entry, Path path) {
    try {
      return Files.newOutputStream(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw refused(entry, "cannot be unpacked beside the other entries");
    }
  }

  private static void createFolder(ZipArchiveEntry entry, Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw refused(entry, "cannot be unpacked beside the other entries");
    }
  }

  /** Bytecode of some other Python, and what macOS adds by itself: neither is the author's work. */
  private static boolean isLeftOut(String name) {
    return name.startsWith("__MACOSX/") || ("/" + name).contains("/__pycache__/");
  }

  private static BuildFailed refused(ZipArchiveEntry entry, String problem) {
    return refused("'%s' %s.".formatted(EntryNames.shown(entry.getName()), problem));
  }

  private static BuildFailed refused(String sentence) {
    return new BuildFailed(
        FailureReason.UNSAFE_ARCHIVE, sentence + " Pack the archive anew and upload it again.");
  }

  private static BuildFailed damaged() {
    return new BuildFailed(
        FailureReason.UNSAFE_ARCHIVE,
        "The archive is damaged or not a plain zip. Pack it anew and upload it again.");
  }
}
