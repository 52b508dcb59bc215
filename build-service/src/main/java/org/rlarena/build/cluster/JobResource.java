package org.rlarena.build.cluster;

import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.source.SourceClient;

/**
 * What the steps of a Job call. The gateway does not route it; the Job's token is the key, and says
 * which upload and which Job are meant.
 */
@Path("/internal/builds")
@Blocking
class JobResource {

  private static final Pattern BEARER = Pattern.compile("Bearer ([A-Za-z0-9_-]{43})");
  private static final Pattern SHA256 = Pattern.compile("sha-256=:([A-Za-z0-9+/]{43}=):");
  private static final Duration FETCH_LIMIT = Duration.ofMinutes(1);

  private final BuildTokens tokens;
  private final SourceClient sources;
  private final HandedOver packages;

  JobResource(BuildTokens tokens, SourceClient sources, HandedOver packages) {
    this.tokens = tokens;
    this.sources = sources;
    this.packages = packages;
  }

  /**
   * The upload's bytes, checked against its digest.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code invalid_build_token}, {@code
   *     source_gone}, {@code source_unavailable}
   */
  @GET
  @Path("/source")
  @Produces(MediaType.APPLICATION_OCTET_STREAM)
  public InputStream source(@HeaderParam(HttpHeaders.AUTHORIZATION) String authorization)
      throws IOException {
    BuildTokens.Grant grant = grant(authorization);
    java.nio.file.Path file = Files.createTempFile("arena-source-", ".tmp");
    try {
      sources.fetch(grant.submissionId(), grant.source(), file, new RunControl(FETCH_LIMIT));
      // the file is gone once it was sent, or once sending it has failed
      return Files.newInputStream(file, StandardOpenOption.DELETE_ON_CLOSE);
    } catch (BuildFailed failure) {
      Files.deleteIfExists(file);
      throw failure.reason() == FailureReason.TIMEOUT
          ? JobProblem.SOURCE_UNAVAILABLE.because("The upload arrives too slowly.")
          : JobProblem.SOURCE_GONE.because(failure.getMessage());
    } catch (PlatformFault fault) {
      Files.deleteIfExists(file);
      throw JobProblem.SOURCE_UNAVAILABLE.because(fault.getMessage());
    }
  }

  /**
   * Takes the packages of a build.
   *
   * @param digest SHA-256 of the body, as RFC 9530 writes it
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code invalid_build_token}, {@code
   *     invalid_digest}, {@code packages_too_large}
   */
  @PUT
  @Path("/packages")
  @Consumes("application/zip")
  public void packages(
      @HeaderParam(HttpHeaders.AUTHORIZATION) String authorization,
      @HeaderParam("Content-Digest") String digest,
      InputStream body)
      throws IOException {
    BuildTokens.Grant grant = grant(authorization);
    Matcher sha256 = SHA256.matcher(digest == null ? "" : digest);
    if (!sha256.matches()) {
      throw JobProblem.INVALID_DIGEST.because(
          "Content-Digest must be the body's SHA-256, such as sha-256=:<base64>:.");
    }
    try {
      packages.receive(grant.job(), body, sha256.group(1));
    } catch (HandedOver.Damaged e) {
      throw JobProblem.INVALID_DIGEST.because("The body is not what Content-Digest announces.");
    } catch (HandedOver.TooLarge e) {
      throw JobProblem.PACKAGES_TOO_LARGE.because("The packages are larger than a build may make.");
    }
  }

  private BuildTokens.Grant grant(String authorization) {
    Matcher bearer = BEARER.matcher(authorization == null ? "" : authorization);
    Optional<BuildTokens.Grant> found =
        bearer.matches() ? tokens.find(bearer.group(1)) : Optional.empty();
    return found.orElseThrow(
        () ->
            JobProblem.INVALID_BUILD_TOKEN.because(
                "Use the token of a build that runs, before it expires."));
  }
}
