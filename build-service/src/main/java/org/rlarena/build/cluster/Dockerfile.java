package org.rlarena.build.cluster;

import org.rlarena.build.builder.Builder;

/**
 * The Dockerfile of an agent's image. It holds ids, numbers and digests, never a word of the
 * author's, and runs nothing: files are copied onto the base. The packages come first, so that
 * versions that need the same ones share their layer; labels come last, or they would part it.
 */
final class Dockerfile {

  private Dockerfile() {}

  static String of(Builder.Request request, String baseImage) {
    return """
    FROM %s
    COPY packages/ /opt/agent/packages/
    COPY code/ /app/
    LABEL org.rlarena.agent="%s" \\
          org.rlarena.submission="%s" \\
          org.rlarena.version="%d" \\
          org.rlarena.attempt="%d" \\
          org.rlarena.source-sha256="%s"
    WORKDIR /app
    USER 10001:10001
    ENTRYPOINT ["/opt/agent/venv/bin/python", "-I", "-S", "-u", "/opt/arena/harness/harness.py"]
    """
        .formatted(
            baseImage,
            request.agentId(),
            request.submissionId(),
            request.version(),
            request.attempt(),
            request.source().sha256());
  }
}
