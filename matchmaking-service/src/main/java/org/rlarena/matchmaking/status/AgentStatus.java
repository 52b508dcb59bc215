package org.rlarena.matchmaking.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.UUID;

/**
 * Where an agent is between two rated matches.
 *
 * @param state {@code waiting} for an opponent, {@code resting} until it may play, {@code playing},
 *     or {@code out}: disabled or without an active version
 * @param canMatch whether it waits for an opponent
 * @param nextMatchAvailableAt when a resting agent may play again, UTC; left out otherwise
 * @param cooldownUntil when the rest after its last match ends, UTC; left out when it is in none.
 *     It may play only later, if it has had all the matches of the day
 * @param waitingSince since when a waiting agent waits, UTC; left out otherwise
 * @param matchesToday rated matches given to it on this day (UTC)
 * @param dailyLimit how many it may be given on a day
 * @param dailyMatchesRemaining how many more it may be given on this day
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AgentStatus(
    UUID agentId,
    String state,
    boolean canMatch,
    Instant nextMatchAvailableAt,
    Instant cooldownUntil,
    Instant waitingSince,
    long matchesToday,
    int dailyLimit,
    long dailyMatchesRemaining) {}
