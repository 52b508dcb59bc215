package org.rlarena.match.matches;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.rlarena.match.directory.AgentEntry;
import org.rlarena.match.directory.Agents;

/** Makes views: two queries for however many matches. */
@ApplicationScoped
public class MatchViews {

  private final Agents agents;
  private final RatingChanges ratings;

  MatchViews(Agents agents, RatingChanges ratings) {
    this.agents = agents;
    this.ratings = ratings;
  }

  /** The view of one match; needs its transaction. */
  public MatchView of(Match match) {
    return of(List.of(match)).getFirst();
  }

  List<MatchView> of(List<Match> matches) {
    if (matches.isEmpty()) {
      return List.of();
    }
    Map<UUID, AgentEntry> known =
        agents.byId(
            matches.stream()
                .flatMap(m -> m.participants().stream())
                .map(Participant::agentId)
                .distinct()
                .toList());
    Map<UUID, Map<UUID, Integer>> changes = ratings.of(matches.stream().map(Match::id).toList());
    return matches.stream()
        .map(m -> MatchView.of(m, known, changes.getOrDefault(m.id(), Map.of())))
        .toList();
  }
}
