package org.rlarena.auth.user;

import org.rlarena.auth.AuthError;

/** What free text must not hold. */
final class Texts {

  private Texts() {}

  /** PostgreSQL cannot store U+0000. */
  static void refuseNul(String... texts) {
    for (String text : texts) {
      if (text != null && text.indexOf('\0') >= 0) {
        throw AuthError.INVALID_TEXT.because("Text must not hold the character U+0000.");
      }
    }
  }
}
