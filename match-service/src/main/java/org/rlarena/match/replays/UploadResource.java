package org.rlarena.match.replays;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.match.Ids;
import org.rlarena.match.MatchError;

/**
 * Where executors put replays and logs. The gateway does not route it; the signature is the key.
 */
@Path("/uploads")
@Tag(name = "uploads")
public class UploadResource {

  private final UploadUrls urls;
  private final Uploads uploads;

  UploadResource(UploadUrls urls, Uploads uploads) {
    this.urls = urls;
    this.uploads = uploads;
  }

  @PUT
  @Path("/{folder}/{matchId}/{file}")
  @Consumes(MediaType.WILDCARD)
  @Operation(summary = "Put one object by a signed URL that has not expired")
  public void put(
      @PathParam("folder") String folder,
      @PathParam("matchId") String matchId,
      @PathParam("file") String file,
      @QueryParam("expires") String expires,
      @QueryParam("signature") String signature,
      InputStream body)
      throws IOException {
    String key = folder + "/" + matchId + "/" + file;
    int dot = file.lastIndexOf('.');
    // A valid signature also means that this service wrote the key.
    if (dot < 0 || !urls.isValid(key, expires, signature)) {
      throw MatchError.UPLOAD_REFUSED.because(
          "Use an upload URL as it was given, before it expires.");
    }
    ObjectKind kind = ObjectKind.of(folder, file.substring(dot)).orElseThrow();
    UUID attemptId = Ids.parse("attemptId", file.substring(0, dot));
    uploads.accept(kind, Ids.parse("matchId", matchId), attemptId, body);
  }
}
