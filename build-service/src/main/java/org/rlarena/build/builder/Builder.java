package org.rlarena.build.builder;

import java.util.UUID;
import org.rlarena.build.RunControl;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.log.BuildLog;
import org.rlarena.build.source.Source;

/**
 * Makes the bundle of a submission. A builder is told to start over whenever a run before did not
 * end, so it leaves nothing behind that would disturb the next; running twice gives an equal
 * bundle.
 */
public interface Builder {

  /**
   * Builds and stores the bundle.
   *
   * @throws org.rlarena.build.BuildFailed if the submission cannot be built as it is
   * @throws org.rlarena.build.PlatformFault if it has to be tried again
   * @throws org.rlarena.build.RunStopped if the run was stopped meanwhile
   */
  Bundle build(Request request, BuildLog log, RunControl control);

  /**
   * What is to be built.
   *
   * @param runId names this run and nothing else, for files and resources that belong to it
   * @param submissionId whose upload it is
   * @param source the upload
   */
  record Request(UUID runId, UUID submissionId, Source source) {}
}
