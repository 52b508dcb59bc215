package org.rlarena.submission.sources;

import java.util.Locale;
import java.util.Optional;

/** What can be uploaded. */
public enum SourceKind {
  /** One Python file. */
  PY,
  /** An archive with an entry point at its top level. */
  ZIP;

  /** The kind that a file's extension, in lower case, names; empty for any other. */
  public static Optional<SourceKind> ofFilename(String filename) {
    for (SourceKind kind : values()) {
      if (filename.endsWith("." + kind.wire())) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /** Name on the wire and extension without the dot. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
