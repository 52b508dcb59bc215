package org.rlarena.submission.sources;

/**
 * An accepted upload.
 *
 * @param kind what it is
 * @param sha256 digest, 64 lower-case hex digits
 * @param bytes size, 1 or more
 * @param filename as the uploader named it, without folders and control characters; for messages
 *     only, up to 255 characters
 */
public record StoredSource(SourceKind kind, String sha256, long bytes, String filename) {}
