package org.rlarena.match.matches;

import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.match.directory.Bundle;
import org.rlarena.match.matches.MatchResult.SeatResult;

/** One seat of a match: who plays in it, with which version, and how it ended. */
@Entity
@Table(name = "match_participant")
public class Participant {

  @Id
  @GeneratedValue(strategy = GenerationType.IDENTITY)
  private Long id;

  @ManyToOne(fetch = FetchType.LAZY, optional = false)
  @JoinColumn(name = "match_id")
  private Match match;

  private short seat;

  @Column(name = "agent_id")
  private UUID agentId;

  @Column(name = "agent_name")
  private String agentName;

  @Column(name = "owner_id")
  private UUID ownerId;

  @Column(name = "submission_id")
  private UUID submissionId;

  private int version;
  @Embedded private Bundle bundle;

  @Column(name = "image_digest")
  private String imageDigest;

  @Column(name = "open_rated")
  private boolean openRated;

  @Column(name = "played_at")
  private Instant playedAt;

  private Double score;
  private Integer rank;
  private String verdict;

  protected Participant() {}

  Participant(Match match, int seat, Seat taken) {
    this.match = match;
    this.seat = (short) seat;
    this.agentId = taken.agentId();
    this.agentName = taken.agentName();
    this.ownerId = taken.ownerId();
    this.submissionId = taken.submissionId();
    this.version = taken.version();
    this.bundle = taken.bundle();
    this.imageDigest = taken.imageDigest();
    this.openRated = match.isRated();
  }

  void close() {
    openRated = false;
  }

  void finish(SeatResult result, Instant now) {
    playedAt = now;
    score = result.score();
    rank = result.rank();
    verdict = result.verdict();
  }

  /** The agent. */
  public UUID agentId() {
    return agentId;
  }

  /** Its name when the match was requested. */
  public String agentName() {
    return agentName;
  }

  /** The user who owns it. */
  public UUID ownerId() {
    return ownerId;
  }

  /** The version that plays. */
  public UUID submissionId() {
    return submissionId;
  }

  /** Number of that version. */
  public int version() {
    return version;
  }

  /** What is played. */
  public Bundle bundle() {
    return bundle;
  }

  /** Digest of the OCI image, if the build made one. */
  public Optional<String> imageDigest() {
    return Optional.ofNullable(imageDigest);
  }

  /** True while the match is rated and not over. */
  public boolean isOpenRated() {
    return openRated;
  }

  /** Sum of rewards; null until the match was played. */
  public Double score() {
    return score;
  }

  /** 1 is best, 0 without result; null until the match was played. */
  public Integer rank() {
    return rank;
  }

  /** Why the agent lost otherwise than by play; null until the match was played. */
  public String verdict() {
    return verdict;
  }
}
