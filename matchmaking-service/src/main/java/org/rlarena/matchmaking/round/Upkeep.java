package org.rlarena.matchmaking.round;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.List;
import org.rlarena.matchmaking.queue.Queue;
import org.rlarena.matchmaking.roster.Roster;

/** The transactions around rounds. */
@ApplicationScoped
@Transactional
class Upkeep {

  private final Roster roster;
  private final Queue queue;

  Upkeep(Roster roster, Queue queue) {
    this.roster = roster;
    this.queue = queue;
  }

  /** Environments that can be paired and where somebody's window has widened or rest is over. */
  List<String> environmentsToLookAt() {
    List<String> waiting = queue.environmentsToLookAt();
    return waiting.isEmpty()
        ? waiting
        : roster.environmentsToPair().stream().filter(waiting::contains).toList();
  }

  List<String> environmentsToPair() {
    return roster.environmentsToPair();
  }

  /** Puts agents into the queue that should be there; none, unless something went wrong. */
  int restoreForgotten() {
    return queue.restore();
  }
}
