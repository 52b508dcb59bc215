package org.rlarena.auth.session;

/** How the use of a refresh token ended. */
public sealed interface Rotation {

  /** It was good: here is the next one. */
  record Renewed(Grant grant) implements Rotation {}

  /** Nobody knows it, its session has ended, or it has expired. */
  record Unknown() implements Rotation {}

  /**
   * It was used a moment ago, as happens when two tabs refresh at once. Nothing was issued and
   * nothing ended: whoever came first has the next one.
   */
  record Superseded() implements Rotation {}

  /** It was used before; somebody has a copy. Its session is ended. */
  record Reused() implements Rotation {}
}
