package org.rlarena.submission.versions;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/** Uploads as HTTP responses: always a download, so that no browser runs what somebody uploaded. */
final class SourceResponses {

  private SourceResponses() {}

  static Response attachment(SubmissionQueries.SourceFile source) {
    return source
        .content()
        .into(Response.ok().type(MediaType.APPLICATION_OCTET_STREAM))
        .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + source.name() + "\"")
        .header("X-Content-Type-Options", "nosniff")
        .header(HttpHeaders.CACHE_CONTROL, "private, no-store")
        .build();
  }
}
