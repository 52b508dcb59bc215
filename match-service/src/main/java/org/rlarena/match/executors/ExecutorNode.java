package org.rlarena.match.executors;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.rlarena.executor.v1.ExecutorGrpc;
import org.rlarena.executor.v1.ExecutorGrpc.ExecutorBlockingStub;
import org.rlarena.executor.v1.HealthCheckRequest;
import org.rlarena.executor.v1.HealthCheckResponse;
import org.rlarena.executor.v1.ListEnvironmentsRequest;

/**
 * One executor: its channel and what it last said about itself. Polled by one thread, read by many.
 */
public final class ExecutorNode {

  private static final Logger LOG = Logger.getLogger(ExecutorNode.class);
  private static final Duration ANSWER_TIME = Duration.ofSeconds(2);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final String address;
  private final ExecutorConfig config;
  private final ObjectMapper json;
  private final Clock clock;

  private volatile ManagedChannel channel;
  private volatile boolean alive;
  private volatile int capacity;
  private volatile List<OfferedEnvironment> environments = List.of();
  private volatile Instant lastSeen;
  private volatile Instant environmentsAsked = Instant.MIN;

  ExecutorNode(String address, ExecutorConfig config, ObjectMapper json, Clock clock) {
    this.address = address;
    this.config = config;
    this.json = json;
    this.clock = clock;
    this.lastSeen = clock.instant();
    this.channel = open();
  }

  /** {@code host:port}, which also names the executor. */
  public String address() {
    return address;
  }

  /** Whether the last question was answered well. */
  public boolean isAlive() {
    return alive;
  }

  /** How many matches it plays at once. */
  public int capacity() {
    return capacity;
  }

  /** Ids of what it plays. */
  public Set<String> environmentIds() {
    return environments.stream()
        .map(OfferedEnvironment::environmentId)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** A stub for calls of at most so long. */
  public ExecutorBlockingStub stub(Duration deadline) {
    ExecutorBlockingStub stub =
        ExecutorGrpc.newBlockingStub(channel)
            .withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
    return config.token().map(ExecutorNode::bearer).map(stub::withInterceptors).orElse(stub);
  }

  /**
   * Notes that a call failed in a way that says the executor cannot be used; the next poll decides.
   */
  public void suspect() {
    alive = false;
  }

  /** What it offers: while it lives, and for a short while after. */
  List<OfferedEnvironment> offered(Instant now) {
    return alive || now.isBefore(lastSeen.plus(config.goneAfter())) ? environments : List.of();
  }

  /**
   * Asks how it is.
   *
   * @return whether it can be used now and could not before, or other than before
   */
  boolean poll() {
    boolean before = alive;
    int capacityBefore = capacity;
    try {
      HealthCheckResponse health =
          stub(ANSWER_TIME).healthCheck(HealthCheckRequest.getDefaultInstance());
      Instant now = clock.instant();
      lastSeen = now;
      if (!before || !now.isBefore(environmentsAsked.plus(config.environmentsInterval()))) {
        environments = listEnvironments();
        environmentsAsked = now;
      }
      capacity = health.getCapacity() == 0 ? config.assumedCapacity() : health.getCapacity();
      alive = health.getHealthy();
      if (alive && !before) {
        LOG.infof("Executor %s is there: %d slots, %s", address, capacity, environmentIds());
      }
    } catch (StatusRuntimeException e) {
      alive = false;
      if (before) {
        LOG.warnf("Executor %s does not answer: %s", address, e.getStatus());
      }
      giveUpDeadConnection();
    }
    return alive && (!before || capacity > capacityBefore);
  }

  void close() {
    channel.shutdownNow();
  }

  private List<OfferedEnvironment> listEnvironments() {
    try {
      return stub(ANSWER_TIME)
          .listEnvironments(ListEnvironmentsRequest.getDefaultInstance())
          .getEnvironmentsList()
          .stream()
          .flatMap(
              told -> {
                Optional<OfferedEnvironment> read = OfferedEnvironment.of(told, json);
                if (read.isEmpty()) {
                  LOG.warnf("Executor %s lists an environment that makes no sense", address);
                }
                return read.stream();
              })
          .toList();
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
        return List.of(OfferedEnvironment.REFERENCE_PONG);
      }
      throw e;
    }
  }

  /**
   * A refused connection heals by itself, only slower and slower: ask for another try now. One that
   * is half open does not: after a while everything on it is ended and a new one is made.
   */
  private void giveUpDeadConnection() {
    if (clock.instant().isAfter(lastSeen.plus(config.lostAfter()))) {
      ManagedChannel dead = channel;
      channel = open();
      lastSeen = clock.instant();
      dead.shutdownNow();
    } else {
      channel.resetConnectBackoff();
    }
  }

  private ManagedChannel open() {
    return ManagedChannelBuilder.forTarget(address).usePlaintext().build();
  }

  private static ClientInterceptor bearer(String token) {
    Metadata headers = new Metadata();
    headers.put(AUTHORIZATION, "Bearer " + token);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }
}
