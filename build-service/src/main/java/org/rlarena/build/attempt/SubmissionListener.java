package org.rlarena.build.attempt;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Topic {@code submission.created}, keyed by agent. A repeated event finds its attempt in place, a
 * late one a higher attempt; both change nothing. What is no CloudEvent, or lacks a field, goes to
 * {@code submission.created.build-service.dlq}.
 */
@ApplicationScoped
class SubmissionListener {

  private static final String CREATED = "org.rlarena.submission.created.v1";
  private static final String REBUILD_REQUESTED = "org.rlarena.submission.rebuild-requested.v1";

  private final Inbox inbox;
  private final AttemptQueue queue;
  private final Workers workers;

  SubmissionListener(Inbox inbox, AttemptQueue queue, Workers workers) {
    this.inbox = inbox;
    this.queue = queue;
    this.workers = workers;
  }

  @Incoming("submission-created")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "builds",
        record,
        event -> {
          switch (event.type()) {
            case CREATED, REBUILD_REQUESTED -> queue.enqueue(event.as(SubmissionCreated.class));
            default -> {
              // a type of a later version of the contract
            }
          }
        });
    // after the commit: a worker that looked earlier would not see the row
    workers.wake();
  }
}
