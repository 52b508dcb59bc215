package org.rlarena.objects;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What a bucket sends. It is asked at the first read, since an answer to HEAD is never read nor
 * closed. An end before the announced one is a fault and no shorter object.
 */
final class BucketStream extends InputStream {

  private final Supplier<? extends ResponseInputStream<?>> question;
  private ResponseInputStream<?> in;
  private long left;

  BucketStream(Supplier<? extends ResponseInputStream<?>> question, long bytes) {
    this.question = question;
    this.left = bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    if (in == null) {
      in = question.get();
    }
    int read;
    try {
      read = in.read(buffer, offset, (int) Math.min(length, left));
    } catch (IOException | SdkException e) {
      throw new ObjectsUnavailable("The bucket broke off in the middle of an object.", e);
    }
    if (read < 0) {
      throw new ObjectsUnavailable("The bucket ended in the middle of an object.", null);
    }
    left -= read;
    return read;
  }

  /** What was not read is not waited for. */
  @Override
  public void close() throws IOException {
    if (in == null) {
      return;
    }
    if (left > 0) {
      in.abort();
    } else {
      in.close();
    }
  }
}
