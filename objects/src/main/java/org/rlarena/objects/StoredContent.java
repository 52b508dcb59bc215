package org.rlarena.objects;

import jakarta.ws.rs.core.Response.ResponseBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** What is stored under a key. */
public interface StoredContent {

  /** Size in bytes. */
  long bytes();

  /** The content from its beginning; to be closed. */
  InputStream open() throws IOException;

  /** Copies the content into a file that is not there yet. */
  void copyTo(Path file) throws IOException;

  /** Makes it the body of an answer. */
  ResponseBuilder into(ResponseBuilder answer);

  /**
   * Makes a part of it the body of an answer.
   *
   * @param first offset of the part, within the content
   * @param count bytes of the part, at least one and none beyond the content
   */
  ResponseBuilder into(ResponseBuilder answer, long first, long count);
}
