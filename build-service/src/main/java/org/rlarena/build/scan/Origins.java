package org.rlarena.build.scan;

import java.util.List;

/** Whose package a finding is about: the author's, or the base image's. */
enum Origins {
  /** A bundle holds nothing but what is the author's. */
  BUNDLE,
  /** An agent's image is the base image and, below these folders, what was copied onto it. */
  IMAGE;

  private static final List<String> AUTHORS = List.of("app/", "opt/agent/packages/");

  /**
   * @param paths where the package lies, as far as the scanner told; without any it is taken for
   *     the author's, who may have had a hand in hiding it
   */
  boolean isPlatform(List<String> paths) {
    return this == IMAGE
        && !paths.isEmpty()
        && paths.stream()
            .map(path -> path.startsWith("/") ? path.substring(1) : path)
            .noneMatch(path -> AUTHORS.stream().anyMatch(path::startsWith));
  }
}
