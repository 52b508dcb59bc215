package org.rlarena.problems;

import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;

/** Stores where there is no room, for the tests. */
@Path("/full-disk")
public class FullDiskResource {

  private static final java.nio.file.Path FULL = java.nio.file.Path.of("/dev/full");

  /** Fails as a write does. */
  @PUT
  public void store(byte[] body) throws IOException {
    Files.write(FULL, body, StandardOpenOption.WRITE);
  }

  /** Fails as a write does whose failure was wrapped. */
  @PUT
  @Path("/wrapped")
  public void wrapped(byte[] body) {
    try {
      store(body);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not be stored", e);
    }
  }

  /** Fails as a read does, of which nobody knows. */
  @PUT
  @Path("/unreadable")
  public void unreadable(byte[] body) throws IOException {
    Files.readString(FULL.resolveSibling("no-such-file"));
  }
}
