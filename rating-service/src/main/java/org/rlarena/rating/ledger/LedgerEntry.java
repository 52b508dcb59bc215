package org.rlarena.rating.ledger;

import jakarta.persistence.CollectionTable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.hibernate.annotations.BatchSize;
import org.hibernate.annotations.Immutable;

/**
 * A rated match in the ledger. Numbers have no gaps and follow the order of commits: they are the
 * order of ratings, whatever order matches were played in. Entries never change.
 */
@Entity
@Immutable
@Table(name = "ledger_entry")
public class LedgerEntry {

  /** The only rating system so far. */
  static final String ELO = "elo";

  @Id long number;
  UUID matchId;
  String environmentId;
  String system;
  int settingsVersion;
  Instant finishedAt;
  Instant ratedAt;

  @ElementCollection(fetch = FetchType.LAZY)
  @CollectionTable(name = "ledger_change", joinColumns = @JoinColumn(name = "number"))
  @OrderColumn(name = "seat")
  @BatchSize(size = 200)
  @Immutable
  List<LedgerChange> changes;

  protected LedgerEntry() {}

  /**
   * @param changes in seat order
   */
  LedgerEntry(
      long number,
      MatchFinished match,
      int settingsVersion,
      List<LedgerChange> changes,
      Instant ratedAt) {
    this.number = number;
    this.matchId = match.matchId();
    this.environmentId = match.environmentId();
    this.system = ELO;
    this.settingsVersion = settingsVersion;
    this.finishedAt = match.finishedAt();
    this.ratedAt = ratedAt;
    this.changes = List.copyOf(changes);
  }
}
