package org.rlarena.match.replays;

import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/** What executors upload. */
enum ObjectKind {
  REPLAY("replays", ".json", true),
  REPLAY_HTML("replays", ".html", false),
  LOG("logs", ".json", true);

  private final String folder;
  private final String extension;
  private final boolean json;

  ObjectKind(String folder, String extension, boolean json) {
    this.folder = folder;
    this.extension = extension;
    this.json = json;
  }

  /** The kind that is kept in that folder under that extension. */
  static Optional<ObjectKind> of(String folder, String extension) {
    return Arrays.stream(values())
        .filter(k -> k.folder.equals(folder) && k.extension.equals(extension))
        .findFirst();
  }

  /** Whether it must be a JSON object. */
  boolean isJson() {
    return json;
  }

  /** Where the attempt's object is kept, below the object store's root. */
  String key(UUID matchId, UUID attemptId) {
    return prefix(matchId) + attemptId + extension;
  }

  /** What the keys of a match's objects of this kind begin with, in one folder. */
  String prefix(UUID matchId) {
    return folder + "/" + matchId + "/";
  }
}
