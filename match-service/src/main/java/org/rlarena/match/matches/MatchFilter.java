package org.rlarena.match.matches;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.rlarena.match.Ids;
import org.rlarena.match.MatchError;
import org.rlarena.match.Times;

/**
 * Which matches a list is to show; all conditions must hold, and null is none.
 *
 * @param agentId one of those seated
 * @param environmentId what is played
 * @param state where the match stands
 * @param from made then or later
 * @param to made before then
 */
record MatchFilter(UUID agentId, String environmentId, MatchState state, Instant from, Instant to) {

  /**
   * Reads query parameters, null for those that were not given.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code invalid_id} or {@code
   *     invalid_parameter}
   */
  static MatchFilter of(
      String agentId, String environmentId, String status, String from, String to) {
    if (environmentId != null && environmentId.indexOf('\0') >= 0) {
      throw MatchError.INVALID_PARAMETER.because("Give 'environmentId' as the id of one.");
    }
    return new MatchFilter(
        agentId == null ? null : Ids.parse("agentId", agentId),
        environmentId,
        status == null ? null : state(status),
        from == null ? null : Times.parse("from", from),
        to == null ? null : Times.parse("to", to));
  }

  /** Adds the conditions about a match {@code m} to a query, and their parameters. */
  void addTo(StringBuilder where, Map<String, Object> parameters) {
    if (agentId != null) {
      where.append(
          " and exists (select 1 from Participant p where p.match = m and p.agentId = :agent)");
      parameters.put("agent", agentId);
    }
    if (environmentId != null) {
      where.append(" and m.environmentId = :environment");
      parameters.put("environment", environmentId);
    }
    if (state != null) {
      where.append(" and m.state = :state");
      parameters.put("state", state);
    }
    if (from != null) {
      where.append(" and m.createdAt >= :from");
      parameters.put("from", from);
    }
    if (to != null) {
      where.append(" and m.createdAt < :to");
      parameters.put("to", to);
    }
  }

  private static MatchState state(String text) {
    return MatchState.of(text)
        .orElseThrow(
            () ->
                MatchError.INVALID_PARAMETER.because(
                    "Give 'status' as pending, running, completed, failed or cancelled."));
  }
}
