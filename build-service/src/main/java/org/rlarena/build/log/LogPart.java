package org.rlarena.build.log;

import java.time.Instant;

/**
 * A stretch of a log.
 *
 * @param text from the asked offset to the end
 * @param end offset behind the text, in characters from the log's beginning
 * @param writtenAt when the log last grew, UTC
 */
public record LogPart(String text, long end, Instant writtenAt) {}
