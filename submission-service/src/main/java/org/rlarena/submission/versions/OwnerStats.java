package org.rlarena.submission.versions;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * A user's share in this service.
 *
 * @param totalSubmissions versions of all the user's agents
 * @param activeAgents the user's agents that have a version that plays
 */
@RegisterForReflection
public record OwnerStats(long totalSubmissions, long activeAgents) {}
