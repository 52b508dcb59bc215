package org.rlarena.build.testing;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.rlarena.build.validation.executor.ExecutorGrpc;
import org.rlarena.build.validation.executor.ValidationRequest;
import org.rlarena.build.validation.executor.ValidationResponse;

/** An executor whose answers a test scripts; without a script it finds every agent valid. */
@Startup
@ApplicationScoped
public class FakeExecutor {

  private final ConcurrentLinkedQueue<Answer> script = new ConcurrentLinkedQueue<>();
  private final List<ValidationRequest> requests = new CopyOnWriteArrayList<>();
  private final int port;
  private volatile String authorization;
  private Server server;

  FakeExecutor(@ConfigProperty(name = "arena.executor.addresses") String address) {
    this.port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
  }

  /** What to answer to one request. */
  @FunctionalInterface
  public interface Answer {
    ValidationResponse to(ValidationRequest request) throws Exception;
  }

  /** Adds an answer for one of the next requests, in order. */
  public void next(Answer answer) {
    script.add(answer);
  }

  /** Refuses one of the next requests. */
  public void nextFails(Status status) {
    next(
        request -> {
          throw status.asRuntimeException();
        });
  }

  /** Forgets what is scripted and what was asked. */
  public void reset() {
    script.clear();
    requests.clear();
  }

  public List<ValidationRequest> requests() {
    return requests;
  }

  /** The credentials of the last request. */
  public String authorization() {
    return authorization;
  }

  @PostConstruct
  public void start() {
    try {
      server =
          NettyServerBuilder.forAddress(
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
              .intercept(new Credentials())
              .addService(new Service())
              .build()
              .start();
    } catch (IOException e) {
      throw new IllegalStateException("port " + port, e);
    }
  }

  /** Goes away, breaking off what it does; {@link #start()} brings it back. */
  @PreDestroy
  public void stop() {
    server.shutdownNow();
  }

  private final class Service extends ExecutorGrpc.ExecutorImplBase {
    @Override
    public void validateAgent(
        ValidationRequest request, StreamObserver<ValidationResponse> observer) {
      requests.add(request);
      Answer answer = script.poll();
      try {
        ValidationResponse response =
            answer == null
                ? ValidationResponse.newBuilder().setValid(true).build()
                : answer.to(request);
        if (!Context.current().isCancelled()) {
          observer.onNext(response);
          observer.onCompleted();
        }
      } catch (StatusRuntimeException e) {
        observer.onError(e);
      } catch (Exception e) {
        observer.onError(Status.INTERNAL.withCause(e).asRuntimeException());
      }
    }
  }

  private final class Credentials implements ServerInterceptor {
    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      authorization =
          headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER));
      return next.startCall(call, headers);
    }
  }
}
