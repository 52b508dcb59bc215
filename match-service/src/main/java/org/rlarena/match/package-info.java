/**
 * match-service: matches from request to result, their execution on executors, replays and agent
 * logs.
 *
 * <p>Features, each depending only on those before it: {@code directory} (what is known of agents,
 * versions and environments), {@code matches} (the aggregate, its events and its pages), {@code
 * challenge}, {@code executors} (which executors live and what they play), {@code replays}
 * (uploads, replays, logs) and {@code play} (leases, attempts, results).
 */
package org.rlarena.match;
