package org.rlarena.build.cluster;

import org.rlarena.build.BuildFailed;

/** What the state of a Job means for the build. */
sealed interface Judgement {

  /** Goes on. */
  record Running() implements Judgement {}

  /** Goes on once something of ours has changed. */
  record Waiting(String sentence) implements Judgement {}

  /**
   * The image is in the registry.
   *
   * @param digest such as {@code sha256:...}
   */
  record Succeeded(String digest) implements Judgement {}

  /** Ended for a fault of the author's. */
  record Refused(BuildFailed failure) implements Judgement {}

  /** Ended for a fault of ours; the attempt is to be run again. */
  record Broken(String sentence) implements Judgement {}
}
