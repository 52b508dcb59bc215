package org.rlarena.gateway.live;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** The live stream as server-sent events, at {@code /api/v1/events}; topics are {@code ?topic=}. */
@ApplicationScoped
class EventStreamRoute {

  private final Door door;
  private final Sessions sessions;

  EventStreamRoute(Door door, Sessions sessions) {
    this.door = door;
    this.sessions = sessions;
  }

  void register(@Observes Router router) {
    router.route(HttpMethod.GET, "/api/v1/events").handler(this::handle);
  }

  private void handle(RoutingContext context) {
    door.ask(context)
        .onFailure(refusal -> door.turnAway(context, refusal))
        .onSuccess(guest -> listen(context, guest));
  }

  private void listen(RoutingContext context, Door.Guest guest) {
    HttpServerResponse response = context.response();
    if (response.closed()) {
      return;
    }
    response
        .setChunked(true)
        .putHeader("Content-Type", "text/event-stream")
        .putHeader("Cache-Control", "no-store")
        // asks reverse proxies not to collect what is to arrive at once
        .putHeader("X-Accel-Buffering", "no");
    // a client's silence is no sign here: it has no way to speak
    Sessions.Session session = sessions.open(guest, new ResponseWire(context), () -> true);
    context.addEndHandler(ended -> session.over());
  }

  private record ResponseWire(RoutingContext context) implements Wire {

    @Override
    public void send(Message message) {
      String id = message.id() == null ? "" : "id: " + message.id() + "\n";
      context
          .response()
          .write(id + "event: " + message.type() + "\ndata: " + message.text() + "\n\n");
    }

    @Override
    public boolean isFull() {
      return context.response().writeQueueFull();
    }

    @Override
    public void onDrain(Runnable next) {
      context.response().drainHandler(drained -> next.run());
    }

    /** An event without data moves the client's last event id and is otherwise not noticed. */
    @Override
    public void ping(String lastId) {
      context.response().write(lastId == null ? ": ping\n\n" : "id: " + lastId + "\n\n");
    }

    @Override
    public void close(Ending ending) {
      if (ending == Ending.SLOW) {
        // what is queued already would wait for the slow client as well
        context.request().connection().close();
      } else {
        context.response().end();
      }
    }
  }
}
