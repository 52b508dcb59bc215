package org.rlarena.build.scan;

import java.util.Optional;
import java.util.Set;

/**
 * A known weakness of a package.
 *
 * @param id such as {@code CVE-2024-12345}
 * @param aliases the same under other names
 * @param packageName as the scanner writes it
 * @param installed version that is there
 * @param fixed first version without it, if there is one
 * @param platform whether it is in the base image, which authors cannot change
 */
record Finding(
    String id,
    Set<String> aliases,
    String packageName,
    String installed,
    Optional<String> fixed,
    Severity severity,
    boolean platform) {}
