package org.rlarena.auth.user;

import com.nulabinc.zxcvbn.StandardDictionaries;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.rlarena.auth.AuthError;

/**
 * Which new passwords are taken: any of 8 characters or more that is not among the first everybody
 * tries. There are no rules about kinds of characters (OWASP ASVS 6.2.5). The list of about 11,600
 * is the library zxcvbn's, whatever the case of the letters.
 */
@ApplicationScoped
class PasswordPolicy {

  static final int SHORTEST = 8;

  private final Set<String> common;

  PasswordPolicy() throws IOException {
    this.common =
        StandardDictionaries.PASSWORDS_LOADER.load().getFrequencies().stream()
            .filter(password -> password.length() >= SHORTEST)
            .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Refuses what is easily guessed.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code password_too_common}
   */
  void check(String password, String username, String email) {
    String lower = password.toLowerCase(Locale.ROOT);
    if (common.contains(lower)) {
      throw AuthError.PASSWORD_TOO_COMMON.because(
          "This is one of the passwords that are tried first. Choose another one.");
    }
    if (lower.equals(username.toLowerCase(Locale.ROOT))
        || lower.equals(email.toLowerCase(Locale.ROOT))) {
      throw AuthError.PASSWORD_TOO_COMMON.because(
          "Your name and your address are tried first. Choose another password.");
    }
  }

  int size() {
    return common.size();
  }
}
