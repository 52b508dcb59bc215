package org.rlarena.build.scan;

import java.util.Locale;

/** Names of packages, which compare as PEP 503 says. */
final class Names {

  private Names() {}

  static String normal(String name) {
    return name.replaceAll("[-_.]+", "-").toLowerCase(Locale.ROOT);
  }
}
