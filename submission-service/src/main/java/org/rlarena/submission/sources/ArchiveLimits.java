package org.rlarena.submission.sources;

/**
 * Bounds of an archive.
 *
 * @param entries most entries, folders included
 * @param unpackedBytes largest sum of unpacked files
 * @param ratio most times its own size an archive may unpack to
 * @param depth most folders around a file
 */
record ArchiveLimits(int entries, long unpackedBytes, int ratio, int depth) {}
