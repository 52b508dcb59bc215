package org.rlarena.submission.sources;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Checks the frame of a ZIP file before a library reads it: that every reader will find the same
 * entries, that they do not overlap, and that there are not too many to list in memory.
 *
 * <p>Only the plain form is accepted: the file starts with the first entry, ends with the end
 * record, and has one disk and no ZIP64. Nothing that fits the upload limit needs more, and most
 * tricks with archives live in the difference. Layout: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local
 * header), 4.3.12 (central header), 4.3.16 (end record).
 */
final class CentralDirectory {

  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int LOCAL_BYTES = 30;
  private static final int CENTRAL_BYTES = 46;
  private static final int END_BYTES = 22;
  private static final int MAX_COMMENT = 0xffff;
  private static final long ZIP64 = 0xffffffffL;
  private static final int UTF8_NAME = 1 << 11;
  private static final int MAX_NAME_BYTES = 255;

  private final FileChannel file;
  private final int maxEntries;

  private CentralDirectory(FileChannel file, int maxEntries) {
    this.file = file;
    this.maxEntries = maxEntries;
  }

  /**
   * Checks an archive's frame.
   *
   * @throws UnsafeArchive naming the reason
   */
  static void check(FileChannel file, int maxEntries) throws IOException, UnsafeArchive {
    new CentralDirectory(file, maxEntries).check();
  }

  private void check() throws IOException, UnsafeArchive {
    long endAt = findEnd();
    ByteBuffer end = read(endAt, END_BYTES);
    int entries = Short.toUnsignedInt(end.getShort(10));
    long bytes = Integer.toUnsignedLong(end.getInt(12));
    long start = Integer.toUnsignedLong(end.getInt(16));
    if (end.getShort(4) != 0 || end.getShort(6) != 0 || end.getShort(8) != end.getShort(10)) {
      throw new UnsafeArchive("The archive is split over several files; upload a single one.");
    }
    if (entries == 0xffff || bytes == ZIP64 || start == ZIP64) {
      throw new UnsafeArchive(
          "The archive uses ZIP64 or has more than %d entries; remove what the agent does not need."
              .formatted(maxEntries));
    }
    if (entries > maxEntries) {
      throw new UnsafeArchive(
          "The archive has %d entries; at most %d are accepted.".formatted(entries, maxEntries));
    }
    if (start + bytes != endAt) {
      throw new UnsafeArchive(
          "The archive is damaged or has other data in front of it; create it anew.");
    }
    if (entries > 0 && read(0, 4).getInt(0) != LOCAL) {
      throw new UnsafeArchive("The file is not a plain ZIP archive; create it anew.");
    }
    requireDisjoint(readEntries(start, endAt, entries), start);
  }

  /** The end record stands at the very end: its comment reaches to the last byte. */
  private long findEnd() throws IOException, UnsafeArchive {
    long size = file.size();
    if (size < END_BYTES) {
      throw notAnArchive();
    }
    int tail = (int) Math.min(size, END_BYTES + MAX_COMMENT);
    ByteBuffer bytes = read(size - tail, tail);
    for (int at = tail - END_BYTES; at >= 0; at--) {
      if (bytes.getInt(at) == END) {
        if (at + END_BYTES + Short.toUnsignedInt(bytes.getShort(at + 20)) != tail) {
          throw new UnsafeArchive(
              "The archive is damaged or has other data behind it; create it anew.");
        }
        return size - tail + at;
      }
    }
    throw notAnArchive();
  }

  private List<Span> readEntries(long start, long end, int entries)
      throws IOException, UnsafeArchive {
    List<Span> spans = new ArrayList<>(entries);
    long at = start;
    for (int i = 0; i < entries; i++) {
      if (at + CENTRAL_BYTES > end) {
        throw damaged();
      }
      ByteBuffer header = read(at, CENTRAL_BYTES);
      if (header.getInt(0) != CENTRAL) {
        throw damaged();
      }
      int nameBytes = Short.toUnsignedInt(header.getShort(28));
      if (nameBytes == 0 || nameBytes > MAX_NAME_BYTES) {
        throw new UnsafeArchive(
            "The archive has a name of %d bytes; 1 to %d are accepted."
                .formatted(nameBytes, MAX_NAME_BYTES));
      }
      int extra = Short.toUnsignedInt(header.getShort(30));
      int comment = Short.toUnsignedInt(header.getShort(32));
      byte[] name = new byte[nameBytes];
      read(at + CENTRAL_BYTES, nameBytes).get(name);
      spans.add(span(header, name));
      at += CENTRAL_BYTES + nameBytes + extra + comment;
    }
    // a reader that goes by signatures instead of the count must find the same entries
    if (at != end) {
      throw damaged();
    }
    return spans;
  }

  private Span span(ByteBuffer central, byte[] name) throws IOException, UnsafeArchive {
    int flags = Short.toUnsignedInt(central.getShort(8));
    String shown = readName(name, (flags & UTF8_NAME) != 0);
    long packed = Integer.toUnsignedLong(central.getInt(20));
    long unpacked = Integer.toUnsignedLong(central.getInt(24));
    long localAt = Integer.toUnsignedLong(central.getInt(42));
    if (packed == ZIP64 || unpacked == ZIP64 || localAt == ZIP64 || central.getShort(34) != 0) {
      throw new UnsafeArchive("%s uses ZIP64; create the archive without it.".formatted(shown));
    }
    if (localAt + LOCAL_BYTES > file.size()) {
      throw damaged();
    }
    ByteBuffer local = read(localAt, LOCAL_BYTES);
    int nameBytes = Short.toUnsignedInt(local.getShort(26));
    long dataAt = localAt + LOCAL_BYTES + nameBytes + Short.toUnsignedInt(local.getShort(28));
    if (local.getInt(0) != LOCAL || nameBytes != name.length || dataAt > file.size()) {
      throw damaged();
    }
    byte[] localName = new byte[nameBytes];
    read(localAt + LOCAL_BYTES, nameBytes).get(localName);
    if (!Arrays.equals(name, localName) || local.getShort(8) != central.getShort(10)) {
      throw new UnsafeArchive(
          "%s is described in two different ways; create the archive anew.".formatted(shown));
    }
    return new Span(shown, localAt, dataAt + packed);
  }

  private static void requireDisjoint(List<Span> spans, long limit) throws UnsafeArchive {
    List<Span> sorted = spans.stream().sorted(Comparator.comparingLong(Span::start)).toList();
    long end = 0;
    for (Span span : sorted) {
      if (span.start < end || span.end > limit) {
        throw new UnsafeArchive(
            "%s overlaps another part of the archive; create it anew.".formatted(span.name));
      }
      end = span.end;
    }
  }

  private ByteBuffer read(long at, int bytes) throws IOException, UnsafeArchive {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, at + buffer.position()) < 0) {
        throw damaged();
      }
    }
    return buffer.flip();
  }

  /** Refuses names that readers would spell differently; the rest is for {@link EntryNames}. */
  private static String readName(byte[] bytes, boolean marked) throws UnsafeArchive {
    String lenient = new String(bytes, StandardCharsets.UTF_8);
    String shown = EntryNames.shown(lenient);
    Charset charset = marked ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII;
    try {
      charset.newDecoder().decode(ByteBuffer.wrap(bytes));
    } catch (CharacterCodingException e) {
      throw new UnsafeArchive(
          "The name %s is not marked as UTF-8, or is not; use letters without accents."
              .formatted(shown));
    }
    // some readers, commons-compress among them, silently turn these into slashes
    if (lenient.indexOf('\\') >= 0) {
      throw new UnsafeArchive(
          "%s contains a backslash; folders are separated by \"/\". Rename it and pack again."
              .formatted(shown));
    }
    return shown;
  }

  private static UnsafeArchive notAnArchive() {
    return new UnsafeArchive("The file is not a ZIP archive, whatever its name says.");
  }

  private static UnsafeArchive damaged() {
    return new UnsafeArchive("The archive is damaged; create it anew.");
  }

  /** Bytes of the file that belong to one entry, end exclusive. */
  private record Span(String name, long start, long end) {}
}
