package org.rlarena.submission.versions;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.nio.file.Path;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.RestResponse.ResponseBuilder;

/** Uploads as HTTP responses: always a download, so that no browser runs what somebody uploaded. */
final class SourceResponses {

  private SourceResponses() {}

  static RestResponse<Path> attachment(SubmissionQueries.SourceFile source) {
    return ResponseBuilder.ok(source.file(), MediaType.APPLICATION_OCTET_STREAM)
        .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + source.name() + "\"")
        .header("X-Content-Type-Options", "nosniff")
        .header(HttpHeaders.CACHE_CONTROL, "private, no-store")
        .build();
  }
}
