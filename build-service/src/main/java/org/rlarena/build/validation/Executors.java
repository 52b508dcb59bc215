package org.rlarena.build.validation;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.rlarena.build.RunControl;
import org.rlarena.build.validation.executor.ExecutorGrpc;
import org.rlarena.build.validation.executor.ValidationRequest;
import org.rlarena.build.validation.executor.ValidationResponse;
import org.rlarena.telemetry.TraceMetadata;

/** One channel per executor, opened when first needed; each call has a deadline. */
@ApplicationScoped
class Executors {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final ClientInterceptor TRACE = new TraceMetadata();
  private static final Duration POLL = Duration.ofMillis(200);

  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final Duration timeout;
  private final ClientInterceptor credentials;

  Executors(ExecutorConfig config) {
    this.timeout = config.validationTimeout();
    Metadata headers = new Metadata();
    config.token().ifPresent(token -> headers.put(AUTHORIZATION, "Bearer " + token));
    this.credentials = MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  /**
   * @throws StatusRuntimeException as the executor or the network answered
   * @throws org.rlarena.build.RunStopped if the run is stopped; the executor then drops the game
   */
  ValidationResponse validate(String address, ValidationRequest request, RunControl control) {
    ManagedChannel channel = channel(address);
    // after an outage the channel would wait up to two minutes before it looks again
    channel.resetConnectBackoff();
    ListenableFuture<ValidationResponse> call =
        ExecutorGrpc.newFutureStub(channel)
            .withInterceptors(credentials, TRACE)
            .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
            .validateAgent(request);
    try {
      while (true) {
        control.check();
        try {
          return call.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          // still playing: look whether the run goes on
        }
      }
    } catch (ExecutionException e) {
      throw Status.fromThrowable(e.getCause()).asRuntimeException();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withCause(e).asRuntimeException();
    } finally {
      call.cancel(true);
    }
  }

  private ManagedChannel channel(String address) {
    return channels.computeIfAbsent(
        address, target -> ManagedChannelBuilder.forTarget(target).usePlaintext().build());
  }

  @PreDestroy
  void close() {
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
