package org.rlarena.access;

import jakarta.transaction.Transactional;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.Map;
import org.jboss.resteasy.reactive.RestPath;
import org.rlarena.outbox.Event;
import org.rlarena.outbox.Outbox;

/** An endpoint that causes an event. */
@Path("/trace/{key}")
public class TraceResource {

  static final String TOPIC = "submission.created";

  private final Outbox outbox;

  TraceResource(Outbox outbox) {
    this.outbox = outbox;
  }

  @POST
  @Transactional
  public void cause(@RestPath String key) {
    outbox.add(new Event(TOPIC, key, "org.rlarena.test.caused.v1", key, Map.of("key", key)));
  }
}
