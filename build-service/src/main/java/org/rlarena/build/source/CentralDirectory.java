package org.rlarena.build.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A first look at a zip's table of contents that needs no memory for its entries: an archive of a
 * million tiny entries must be refused before a library builds an object for each. Takes plain zips
 * alone (one disk, no zip64, nothing before or behind): what readers disagree about is refused.
 *
 * @see <a href="https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT">APPNOTE 4.3</a>
 */
final class CentralDirectory {

  private static final int END_SIZE = 22;
  private static final int HEADER_SIZE = 46;
  private static final int END_SIGNATURE = 0x06054b50;
  private static final int HEADER_SIGNATURE = 0x02014b50;
  private static final int ZIP64_LOCATOR_SIGNATURE = 0x07064b50;
  private static final int MAX_COMMENT = 0xffff;

  private CentralDirectory() {}

  /**
   * Number of entries, or one more than {@code max} if there are more.
   *
   * @return -1 if this is not a plain zip
   */
  static int count(Path file, int max) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      int window = (int) Math.min(channel.size(), END_SIZE + MAX_COMMENT);
      ByteBuffer tail = read(channel, channel.size() - window, window);
      for (int at = window - END_SIZE; at >= 0; at--) {
        if (tail.getInt(at) == END_SIGNATURE) {
          return count(channel, channel.size() - window + at, max);
        }
      }
      return -1;
    }
  }

  private static int count(FileChannel channel, long endAt, int max) throws IOException {
    ByteBuffer end = read(channel, endAt, END_SIZE);
    int announced = end.getShort(10) & 0xffff;
    long size = end.getInt(12) & 0xffffffffL;
    long offset = end.getInt(16) & 0xffffffffL;
    int comment = end.getShort(20) & 0xffff;
    boolean oneDisk = end.getShort(4) == 0 && end.getShort(6) == 0;
    if (!oneDisk || offset + size != endAt || endAt + END_SIZE + comment != channel.size()) {
      return -1;
    }
    if (endAt >= 20 && read(channel, endAt - 20, 4).getInt(0) == ZIP64_LOCATOR_SIGNATURE) {
      return -1;
    }
    int counted = 0;
    for (long at = offset; at < endAt && counted <= max; counted++) {
      if (at + HEADER_SIZE > endAt) {
        return -1;
      }
      ByteBuffer header = read(channel, at, HEADER_SIZE);
      if (header.getInt(0) != HEADER_SIGNATURE) {
        return -1;
      }
      at +=
          HEADER_SIZE
              + (header.getShort(28) & 0xffff)
              + (header.getShort(30) & 0xffff)
              + (header.getShort(32) & 0xffff);
    }
    return counted > max || counted == announced ? counted : -1;
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new IOException("the archive ends early");
      }
    }
    return buffer;
  }
}
