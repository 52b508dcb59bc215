package org.rlarena.build.builder;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.build.RunControl;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.log.BuildLog;
import org.rlarena.build.source.Source;

/**
 * Makes the bundle of a submission, and perhaps an image of the same. A builder is told to start
 * over whenever a run before did not end, so it leaves nothing behind that would disturb the next;
 * running twice gives an equal bundle.
 */
public interface Builder {

  /** Whether it can build at all just now; tries it if that is not known. */
  boolean probe();

  /** What stands in the way of building, with its remedy; empty if nothing does. */
  Optional<String> problem();

  /** Folders and hosts of the platform that a log must not show. */
  List<String> hidden();

  /**
   * Builds and stores the bundle.
   *
   * @throws org.rlarena.build.BuildFailed if the submission cannot be built as it is
   * @throws org.rlarena.build.PlatformFault if it has to be tried again
   * @throws org.rlarena.build.RunStopped if the run was stopped meanwhile
   */
  Built build(Request request, BuildLog log, RunControl control);

  /**
   * What is to be built.
   *
   * @param runId names this run and nothing else, for files that belong to it
   * @param attemptId names the attempt, whichever run it is in
   * @param faults runs of this attempt that ended by a fault of the platform
   * @param submissionId whose upload it is
   * @param agentId whose version it is
   * @param version of the agent
   * @param attempt number of the attempt, 1 at first
   * @param source the upload
   */
  record Request(
      UUID runId,
      UUID attemptId,
      int faults,
      UUID submissionId,
      UUID agentId,
      int version,
      int attempt,
      Source source) {}

  /**
   * What was built.
   *
   * @param imageDigest digest of the image, such as {@code sha256:...}, if one was made
   */
  record Built(Bundle bundle, Optional<String> imageDigest) {}
}
