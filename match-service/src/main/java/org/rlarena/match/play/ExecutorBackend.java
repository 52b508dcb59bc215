package org.rlarena.match.play;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;
import org.rlarena.executor.v1.AgentData;
import org.rlarena.executor.v1.MatchRequest;
import org.rlarena.match.MatchConfig;
import org.rlarena.match.executors.ExecutorNode;
import org.rlarena.match.executors.Executors;
import org.rlarena.match.matches.Failure;
import org.rlarena.match.replays.UploadUrls;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.ObjectsUnavailable;
import org.rlarena.telemetry.TraceMetadata;

/** Plays matches on executors, by gRPC. */
@ApplicationScoped
class ExecutorBackend implements MatchBackend {

  private static final Logger LOG = Logger.getLogger(ExecutorBackend.class);

  /** URLs end with the match; this is for clocks that differ. */
  private static final Duration URL_MARGIN = Duration.ofSeconds(60);

  private static final ClientInterceptor TRACE = new TraceMetadata();

  private final Executors executors;
  private final UploadUrls uploadUrls;
  private final Clock clock;
  private final Duration timeout;
  private final Optional<String> bundleRoot;
  private final ObjectStore objects;

  ExecutorBackend(
      Executors executors,
      UploadUrls uploadUrls,
      Clock clock,
      MatchConfig config,
      ObjectStore objects) {
    this.executors = executors;
    this.uploadUrls = uploadUrls;
    this.clock = clock;
    this.timeout = config.timeout();
    this.bundleRoot = config.bundleRoot().map(root -> root.replaceAll("/+$", ""));
    this.objects = objects;
  }

  @Override
  public List<Place> places() {
    return executors.alive().stream()
        .map(node -> new Place(node.address(), node.capacity(), node.environmentIds()))
        .toList();
  }

  @Override
  public PlayOutcome play(Assignment assignment) {
    Optional<ExecutorNode> node = executors.at(assignment.place());
    if (node.isEmpty()) {
      return new PlayOutcome.NotTaken("the executor is not configured any more");
    }
    SentMark sent = new SentMark();
    Duration left = Duration.between(clock.instant(), assignment.deadline());
    try {
      return ResponseReader.read(
          assignment,
          node.get().stub(left).withInterceptors(sent, TRACE).runMatch(request(assignment)));
    } catch (ObjectsUnavailable e) {
      return new PlayOutcome.NotTaken("the bundles cannot be reached: " + e.getMessage());
    } catch (StatusRuntimeException e) {
      return outcome(e.getStatus(), sent.isSent(), node.get());
    }
  }

  /**
   * What a failed call means. Until the request has left this process nothing can have been played.
   */
  private static PlayOutcome outcome(Status status, boolean sent, ExecutorNode node) {
    LOG.debugf("Executor %s: %s", node.address(), status);
    return switch (status.getCode()) {
      case RESOURCE_EXHAUSTED ->
          // gRPC itself uses the same code for an answer that is too large.
          isTooLarge(status)
              ? fault("bad_answer", "The executor's answer was too large.")
              : new PlayOutcome.NotTaken("the executor is busy");
      case UNAUTHENTICATED, PERMISSION_DENIED -> {
        node.suspect();
        yield new PlayOutcome.NotTaken("the executor refuses this service's token");
      }
      case UNAVAILABLE -> {
        node.suspect();
        yield sent
            ? fault("executor_lost", "The executor was lost during the match.")
            : new PlayOutcome.NotTaken("the executor cannot be reached");
      }
      case CANCELLED ->
          Thread.currentThread().isInterrupted()
              ? new PlayOutcome.NotTaken("it was called off")
              : fault("executor_failed", "The executor called the match off.");
      case DEADLINE_EXCEEDED ->
          sent
              ? fault("executor_timeout", "The executor did not answer in time.")
              : new PlayOutcome.NotTaken("the executor cannot be reached");
      case INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, UNIMPLEMENTED ->
          fault("request_refused", "The executor refused to play the match as requested.");
      default -> fault("executor_failed", "The executor failed during the match.");
    };
  }

  private static boolean isTooLarge(Status status) {
    return status.getDescription() != null
        && status.getDescription().contains("exceeds maximum size");
  }

  private static PlayOutcome fault(String reason, String message) {
    return new PlayOutcome.Faulty(new Failure(reason, message));
  }

  private MatchRequest request(Assignment a) {
    Instant expires = a.deadline().plus(URL_MARGIN);
    MatchRequest.Builder request =
        MatchRequest.newBuilder()
            .setMatchId(a.matchId().toString())
            .setAttemptId(a.attemptId().toString())
            .setEnvironment(a.environmentId())
            .setSeed(a.seed())
            .setTimeoutSec((int) timeout.toSeconds())
            .setRecordReplay(true)
            .setReplayUploadUrl(uploadUrls.replay(a.matchId(), a.attemptId(), expires))
            .setReplayHtmlUploadUrl(uploadUrls.replayHtml(a.matchId(), a.attemptId(), expires))
            .setLogUploadUrl(uploadUrls.log(a.matchId(), a.attemptId(), expires));
    for (Assignment.Player player : a.players()) {
      request.addAgents(
          AgentData.newBuilder()
              .setAgentId(player.agentId().toString())
              .setCodeUrl(codeUrl(player.bundle().key(), expires))
              .setVersion(Integer.toString(player.version()))
              .setDockerImage(player.imageDigest().orElse(""))
              .putMetadata("name", player.name())
              .putMetadata("sha256", player.bundle().sha256()));
    }
    return request.build();
  }

  private String codeUrl(String bundleKey, Instant expires) {
    return bundleRoot
        .map(root -> root + "/" + bundleKey)
        .orElseGet(() -> objects.location(bundleKey, Duration.between(clock.instant(), expires)));
  }

  /** Learns whether a call's request has left for the executor. */
  private static final class SentMark extends ClientStreamTracer.Factory
      implements ClientInterceptor {

    private final AtomicBoolean sent = new AtomicBoolean();

    boolean isSent() {
      return sent.get();
    }

    @Override
    public <A, B> ClientCall<A, B> interceptCall(
        MethodDescriptor<A, B> method, CallOptions options, Channel next) {
      return next.newCall(method, options.withStreamTracerFactory(this));
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void outboundHeaders() {
          sent.set(true);
        }
      };
    }
  }
}
