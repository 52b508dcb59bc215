package org.rlarena.submission.versions;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;

/**
 * One page of an agent's versions.
 *
 * @param submissions newest first, may be empty
 * @param total all versions of the agent
 * @param page number of this page, as clamped
 * @param pageSize largest number of entries on a page, as clamped
 */
@RegisterForReflection
public record SubmissionList(
    List<SubmissionView> submissions, long total, int page, int pageSize) {}
