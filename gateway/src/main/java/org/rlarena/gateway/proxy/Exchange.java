package org.rlarena.gateway.proxy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import org.rlarena.gateway.Problem;
import org.rlarena.gateway.routing.RouteTable;

/**
 * One request on its way to a service and back. Lives on one event loop, so nothing here is locked.
 * Bodies are streamed with back pressure; only errors are held, to be decorated.
 */
class Exchange {

  private static final Set<HttpMethod> WITH_BODY =
      Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH);

  /** How often within the stall timeout it is looked whether bytes still move. */
  private static final int LOOKS = 4;

  private final Proxy proxy;
  private final RoutingContext context;
  private final RouteTable.Forward route;
  private final HttpClientRequest upstream;
  private final HttpServerRequest client;
  private final HttpServerResponse response;
  private final long maxBody;

  private long readable;
  private long watchdog;
  private long moved;
  private int quietLooks;
  private long received;
  private boolean waitingForService;
  private boolean asked;
  private HttpClientResponse answer;
  private boolean answered;
  private boolean clientGone;
  private Problem givenUp;

  Exchange(
      Proxy proxy, RoutingContext context, RouteTable.Forward route, HttpClientRequest upstream) {
    this.proxy = proxy;
    this.context = context;
    this.route = route;
    this.upstream = upstream;
    this.client = context.request();
    this.response = context.response();
    this.maxBody = proxy.maxBody(route);
    this.readable = maxBody;
  }

  void start() {
    upstream.exceptionHandler(failure -> {}); // the futures of response and body fail as well
    if (response.closed()) {
      // The client has gone while the connection to the service was made: nobody reads its body.
      upstream.reset();
      return;
    }
    Headers.forService(context, proxy.addresses, upstream.headers());
    if (route.packed()) {
      Headers.passEncodings(client, upstream.headers());
    }
    upstream.response().onSuccess(this::answer).onFailure(this::fail);
    watchdog =
        proxy.vertx.setPeriodic(
            Math.max(1, proxy.stallTimeout.toMillis() / LOOKS), timer -> lookForMovement());
    context.addEndHandler(
        ended -> {
          proxy.vertx.cancelTimer(watchdog);
          clientGone = ended.failed();
          hangUp();
          if (!clientGone) {
            proxy.finishReading(client);
          }
        });
    if (WITH_BODY.contains(client.method())) {
      sendBody();
    } else {
      upstream.headers().remove("Content-Length");
      client.handler(this::discard).resume();
      endRequest();
    }
  }

  private void sendBody() {
    if (!upstream.headers().contains("Content-Length")) {
      upstream.setChunked(true);
    }
    // A failed write shows in the response's future as well.
    client.handler(this::passOn);
    client.endHandler(
        end -> {
          if (answer == null && givenUp == null) {
            endRequest();
          }
        });
    client.exceptionHandler(
        failure -> {
          clientGone = true;
          hangUp();
        });
    client.resume();
  }

  private void endRequest() {
    asked = true;
    upstream.end();
  }

  private void passOn(Buffer chunk) {
    if (answer != null || givenUp != null) {
      discard(chunk);
      return;
    }
    received += chunk.length();
    if (received > maxBody) {
      giveUp(proxy.tooLarge(context, maxBody));
      return;
    }
    upstream.write(chunk);
    if (upstream.writeQueueFull()) {
      waitingForService = true;
      client.pause();
      upstream.drainHandler(
          drained -> {
            waitingForService = false;
            client.resume();
          });
    }
  }

  /** Reads what nobody wants, so that the answer arrives, but not without end. */
  private void discard(Buffer chunk) {
    received += chunk.length();
    if (received > readable) {
      client.connection().close();
    }
  }

  private void answer(HttpClientResponse answer) {
    this.answer = answer;
    proxy.outages.answered(route.service());
    client.resume();
    Headers.forClient(answer.headers(), response.headers());
    if (route.file()) {
      // Stored files are shown, not saved, and must not act in the name of this origin.
      response.headers().remove("Content-Disposition");
      response.putHeader("Content-Security-Policy", "sandbox allow-scripts");
    }
    if (answer.statusCode() >= 400) {
      answer
          .body()
          .onSuccess(
              body -> {
                answered = true;
                sendError(answer.statusCode(), body);
              })
          .onFailure(this::fail);
      return;
    }
    response.setStatusCode(answer.statusCode());
    if (client.method() == HttpMethod.HEAD) {
      answer.end().onSuccess(this::finish).onFailure(failure -> cut());
      return;
    }
    boolean lengthKnown =
        answer.statusCode() == 204
            || answer.statusCode() == 304
            || answer.headers().contains("Content-Length");
    if (!lengthKnown) {
      response.setChunked(true);
    }
    // The client must see that an answer was cut: it is not ended but the connection is closed.
    answer
        .pipe()
        .endOnComplete(false)
        .to(response)
        .onSuccess(this::finish)
        .onFailure(failure -> cut());
  }

  private void finish(Void whole) {
    answered = true;
    response.end();
  }

  private void sendError(int status, Buffer body) {
    if (status != 405 || response.headers().contains(HttpHeaders.ALLOW)) {
      proxy.replies.sendError(context, status, body);
      return;
    }
    proxy
        .allow
        .methods(context)
        .onSuccess(
            methods -> {
              AllowHeader.put(context, methods);
              proxy.replies.sendError(context, status, body);
            });
  }

  private void fail(Throwable failure) {
    if (response.headWritten()) {
      cut();
      return;
    }
    if (clientGone || response.closed()) {
      return; // which says nothing about the service
    }
    if (givenUp == null) {
      proxy.outages.failed(route.service(), failure);
      givenUp = Problem.unavailable(route.service(), client.path());
    }
    client.resume();
    proxy.replies.send(context, givenUp);
  }

  private void giveUp(Problem problem) {
    givenUp = problem;
    readable = received + maxBody;
    hangUp();
    client.resume();
  }

  private void lookForMovement() {
    long now = client.bytesRead() + response.bytesWritten();
    if (now != moved) {
      moved = now;
      quietLooks = 0;
      return;
    }
    if (++quietLooks < LOOKS) {
      return;
    }
    if (response.headWritten()) {
      cut();
    } else if (!client.isEnded() && !waitingForService && answer == null) {
      giveUp(Problem.of(408, client.path()));
    } else {
      hangUp();
    }
  }

  private void cut() {
    hangUp();
    // A write that finds the connection gone says so from within: it has to come to its own end.
    proxy.vertx.runOnContext(later -> client.connection().close());
  }

  /**
   * Tells the service that nobody wants its answer, by closing the connection. Once both the
   * request and the answer have ended the connection is no longer this exchange's: another one's
   * request may be on it. The end of the answer may have come and wait here behind what a slow
   * client has not taken.
   */
  private void hangUp() {
    if (asked && answered) {
      return;
    }
    if (!asked || answer == null) {
      upstream.reset();
      return;
    }
    answer.end().onSuccess(end -> answered = true);
    answer.handler(chunk -> {}).resume();
    proxy.vertx.runOnContext(
        later -> {
          if (!answered) {
            upstream.reset();
          }
        });
  }
}
