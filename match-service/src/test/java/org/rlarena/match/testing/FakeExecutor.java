package org.rlarena.match.testing;

import static org.awaitility.Awaitility.await;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.ConfigProvider;
import org.rlarena.executor.v1.AgentResult;
import org.rlarena.executor.v1.Environment;
import org.rlarena.executor.v1.ExecutorGrpc;
import org.rlarena.executor.v1.HealthCheckRequest;
import org.rlarena.executor.v1.HealthCheckResponse;
import org.rlarena.executor.v1.ListEnvironmentsRequest;
import org.rlarena.executor.v1.ListEnvironmentsResponse;
import org.rlarena.executor.v1.MatchRequest;
import org.rlarena.executor.v1.MatchResponse;
import org.rlarena.executor.v1.MatchStatus;

/** A real gRPC server that plays matches exactly as a test says. */
public final class FakeExecutor extends ExecutorGrpc.ExecutorImplBase implements AutoCloseable {

  /** How a match is played. */
  public interface Play {
    MatchResponse play(MatchRequest request) throws Exception;
  }

  public static final Environment PONG =
      Environment.newBuilder()
          .setId("pong")
          .setName("Pong")
          .setDescription("Two paddles, one ball.")
          .setVersion("0.1.2")
          .setMinPlayers(2)
          .setMaxPlayers(2)
          .setMaxSteps(1000)
          .setConfigJson("{\"actionSpace\":{\"n\":3}}")
          .build();

  private final Server server;
  private final List<MatchRequest> requests = new CopyOnWriteArrayList<>();
  private final List<String> bearers = new CopyOnWriteArrayList<>();
  private final AtomicInteger playing = new AtomicInteger();
  private final AtomicInteger mostPlaying = new AtomicInteger();
  private final AtomicInteger called = new AtomicInteger();
  private volatile Play play = FakeExecutor::firstWins;
  private volatile int capacity = 2;
  private volatile List<Environment> environments = List.of(PONG);

  /**
   * Waits for the address: a stopped server of NIO lets go of it at the next turn of its event loop
   * only, which may be after it has told that it is terminated.
   */
  private FakeExecutor(int port) {
    server =
        await()
            .atMost(Duration.ofSeconds(10))
            .ignoreExceptionsInstanceOf(IOException.class)
            .until(() -> started(port), Objects::nonNull);
  }

  private Server started(int port) throws IOException {
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
        .addService(this)
        .intercept(new BearerReader())
        .executor(Executors.newVirtualThreadPerTaskExecutor())
        .build()
        .start();
  }

  /** Starts an executor at one of the two configured addresses. */
  public static FakeExecutor at(int index) {
    return new FakeExecutor(Integer.parseInt(address(index).replace("localhost:", "")));
  }

  /** The configured address, 0 or 1. */
  public static String address(int index) {
    return ConfigProvider.getConfig()
        .getValue("arena.executor.addresses", String.class)
        .split(",")[index];
  }

  public FakeExecutor plays(Play play) {
    this.play = play;
    return this;
  }

  public FakeExecutor withCapacity(int capacity) {
    this.capacity = capacity;
    return this;
  }

  public FakeExecutor offering(Environment... offered) {
    this.environments = List.of(offered);
    return this;
  }

  /** Answers as executors of the reference system do: no capacity, no list of environments. */
  public FakeExecutor ofTheReference() {
    this.environments = null;
    this.capacity = 0;
    return this;
  }

  /** Requests to play that arrived, in order. */
  public List<MatchRequest> requests() {
    return requests;
  }

  /** Authorization values that arrived with requests to play. */
  public List<String> bearers() {
    return bearers;
  }

  /** The largest number of matches played at once. */
  public int mostPlaying() {
    return mostPlaying.get();
  }

  /** Matches being played. */
  public int playing() {
    return playing.get();
  }

  /** Matches whose caller went away before they were answered. */
  public int calledOff() {
    return called.get();
  }

  @Override
  public void runMatch(MatchRequest request, StreamObserver<MatchResponse> answers) {
    requests.add(request);
    mostPlaying.accumulateAndGet(playing.incrementAndGet(), Math::max);
    Context.current().addListener(context -> called.incrementAndGet(), Runnable::run);
    MatchResponse response;
    try {
      response = play.play(request);
    } catch (Exception e) {
      playing.decrementAndGet();
      answers.onError(Status.fromThrowable(e).asRuntimeException());
      return;
    }
    playing.decrementAndGet();
    try {
      answers.onNext(response);
      answers.onCompleted();
    } catch (RuntimeException e) {
      // The caller went away; a zombie's answer has nowhere to go.
    }
  }

  @Override
  public void healthCheck(HealthCheckRequest request, StreamObserver<HealthCheckResponse> answers) {
    answers.onNext(HealthCheckResponse.newBuilder().setHealthy(true).setCapacity(capacity).build());
    answers.onCompleted();
  }

  @Override
  public void listEnvironments(
      ListEnvironmentsRequest request, StreamObserver<ListEnvironmentsResponse> answers) {
    List<Environment> offered = environments;
    if (offered == null) {
      answers.onError(Status.UNIMPLEMENTED.asRuntimeException());
      return;
    }
    answers.onNext(ListEnvironmentsResponse.newBuilder().addAllEnvironments(offered).build());
    answers.onCompleted();
  }

  /** Dies: connections break at once. */
  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The answer of a match that the first agent won 7 to -7. */
  public static MatchResponse firstWins(MatchRequest request) {
    return answer(request, response -> {});
  }

  /** As {@link #firstWins}, changed by the test. */
  public static MatchResponse answer(MatchRequest request, Consumer<MatchResponse.Builder> change) {
    MatchResponse.Builder response =
        MatchResponse.newBuilder()
            .setMatchId(request.getMatchId())
            .setAttemptId(request.getAttemptId())
            .setStatus(MatchStatus.STATUS_SUCCESS)
            .setWinnerAgentId(request.getAgents(0).getAgentId())
            .addAgentResults(result(request, 0, 7, 1))
            .addAgentResults(result(request, 1, -7, 2))
            .setTotalSteps(628)
            .setExecutionTimeSec(0.9)
            .setEnvironmentVersion("0.1.2")
            .setSeed(request.getSeed());
    change.accept(response);
    return response.build();
  }

  /** The answer of an executor that failed. */
  public static MatchResponse error(MatchRequest request) {
    return MatchResponse.newBuilder()
        .setMatchId(request.getMatchId())
        .setAttemptId(request.getAttemptId())
        .setStatus(MatchStatus.STATUS_ERROR)
        .setErrorMessage("The runner crashed.")
        .build();
  }

  /** A play that waits to be told its answer. */
  public static final class Held implements Play {

    private final CountDownLatch released = new CountDownLatch(1);

    public void release() {
      released.countDown();
    }

    @Override
    public MatchResponse play(MatchRequest request) throws InterruptedException {
      released.await();
      return firstWins(request);
    }
  }

  private static AgentResult result(MatchRequest request, int seat, double score, int rank) {
    return AgentResult.newBuilder()
        .setAgentId(request.getAgents(seat).getAgentId())
        .setScore(score)
        .setRank(rank)
        .build();
  }

  private final class BearerReader implements ServerInterceptor {
    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
        ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
      if (call.getMethodDescriptor().getBareMethodName().equals("RunMatch")) {
        bearers.add(
            headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)));
      }
      return next.startCall(call, headers);
    }
  }
}
