package org.rlarena.build.scan;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a scanner has found.
 *
 * @param scanner its name
 * @param version its version, if it told
 * @param databaseAt when its database was made, if it told
 * @param findings each weakness of a package once
 */
record Report(
    String scanner,
    Optional<String> version,
    Optional<Instant> databaseAt,
    List<Finding> findings) {}
