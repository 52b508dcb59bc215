package org.rlarena.submission.sources;

/** An archive that is refused; the message is a sentence for its author. */
final class UnsafeArchive extends Exception {

  private static final long serialVersionUID = 1L;

  UnsafeArchive(String sentence) {
    super(sentence);
  }
}
