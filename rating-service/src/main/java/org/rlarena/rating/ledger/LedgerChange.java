package org.rlarena.rating.ledger;

import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.util.UUID;
import org.rlarena.rating.model.Outcome;

/**
 * How one match moved one agent.
 *
 * @param agentId the agent
 * @param ownerId who owned it when the match was played
 * @param submissionId the version that played
 * @param version that version's number
 * @param rank place in the match; 1 is best, equal ranks are a tie
 * @param outcome what the match was for the agent
 * @param ratingBefore stored rating before, in Elo points
 * @param ratingAfter stored rating after, in Elo points
 * @param change after minus before
 * @param sequence number of the agent's rated matches, this one included
 * @param wins so far
 * @param losses so far
 * @param draws so far
 */
@Embeddable
public record LedgerChange(
    UUID agentId,
    UUID ownerId,
    UUID submissionId,
    int version,
    int rank,
    @Enumerated(EnumType.STRING) Outcome outcome,
    int ratingBefore,
    int ratingAfter,
    int change,
    long sequence,
    int wins,
    int losses,
    int draws) {}
