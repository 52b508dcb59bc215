package org.rlarena.outbox;

import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Sends what is due, wave by wave: the first event of each lane, and the next one only when the
 * broker has confirmed that. So a failing event holds back its own lane and nothing else, and no
 * event overtakes an earlier one of its lane, whatever fails. For one thread.
 */
final class RelayRound {

  private static final Logger LOG = Logger.getLogger(RelayRound.class);
  private static final int LIMIT = 500;

  private final EventSender sender;
  private final Clock clock;
  private final Backoff topics = new Backoff();
  private final Backoff lanes = new Backoff();

  RelayRound(EventSender sender, Clock clock) {
    this.sender = sender;
    this.clock = clock;
  }

  /**
   * What came of a round.
   *
   * @param sent events confirmed by the broker and marked
   * @param full whether there may be more to send at once
   * @param failure the last one, if any
   */
  record Result(int sent, boolean full, Optional<Exception> failure) {}

  private record Attempt(StoredEvent event, Future<RecordMetadata> confirmation) {}

  /** Whether a failure is about the broker; the others are about one event. */
  static boolean isOutage(Exception failure) {
    return failure instanceof RetriableException;
  }

  Result run(UnsentEvents events) throws SQLException, InterruptedException {
    var now = clock.instant();
    List<StoredEvent> due = events.next(LIMIT, topics.blocked(now), lanes.blocked(now));
    Map<String, Deque<StoredEvent>> waiting = byLane(due);
    Set<String> deadTopics = new HashSet<>();
    Optional<Exception> failure = Optional.empty();
    int sent = 0;
    while (!waiting.isEmpty()) {
      List<Attempt> wave = send(waiting, deadTopics);
      var confirmed = new ArrayList<Long>();
      for (Attempt attempt : wave) {
        StoredEvent event = attempt.event();
        Optional<Exception> problem = confirm(attempt);
        if (problem.isEmpty()) {
          confirmed.add(event.position());
          lanes.succeeded(event.lane());
          topics.succeeded(event.topic());
        } else {
          failure = problem;
          holdBack(event, problem.get());
          waiting.remove(event.lane());
        }
      }
      // only now: a crash before this line repeats events and loses none
      if (!confirmed.isEmpty()) {
        events.markSent(confirmed);
        sent += confirmed.size();
      }
      waiting.values().removeIf(Deque::isEmpty);
    }
    return new Result(sent, due.size() == LIMIT && sent > 0, failure);
  }

  /** Lets everything be tried again at once, for example when the broker is back. */
  void forgetFailures() {
    topics.clear();
    lanes.clear();
  }

  private List<Attempt> send(Map<String, Deque<StoredEvent>> waiting, Set<String> deadTopics) {
    var wave = new ArrayList<Attempt>();
    for (var lane : waiting.values()) {
      StoredEvent event = lane.poll();
      if (deadTopics.contains(event.topic())) {
        lane.clear();
        continue;
      }
      Future<RecordMetadata> confirmation = sender.send(event);
      if (failedForTopic(confirmation)) {
        // each further one would block as long as this one has
        deadTopics.add(event.topic());
        topics.failed(event.topic(), clock.instant());
      }
      wave.add(new Attempt(event, confirmation));
    }
    return wave;
  }

  private void holdBack(StoredEvent event, Exception cause) {
    boolean first = lanes.failed(event.lane(), clock.instant());
    if (first && !isOutage(cause)) {
      LOG.errorf(
          "Event %s (%s) is refused and holds back its key: %s",
          event.id(), event.type(), cause.getMessage());
    }
  }

  private static Map<String, Deque<StoredEvent>> byLane(List<StoredEvent> events) {
    var lanes = new LinkedHashMap<String, Deque<StoredEvent>>();
    for (StoredEvent event : events) {
      lanes.computeIfAbsent(event.lane(), lane -> new ArrayDeque<>()).add(event);
    }
    return lanes;
  }

  /** The producer answers at once with a timeout when it could not learn where the topic is. */
  private static boolean failedForTopic(Future<RecordMetadata> confirmation) {
    return confirmation.state() == Future.State.FAILED
        && confirmation.exceptionNow() instanceof TimeoutException;
  }

  private static Optional<Exception> confirm(Attempt attempt) throws InterruptedException {
    try {
      attempt.confirmation().get();
      return Optional.empty();
    } catch (ExecutionException e) {
      return Optional.of(e.getCause() instanceof Exception cause ? cause : e);
    }
  }
}
