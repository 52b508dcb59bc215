package org.rlarena.outbox;

import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;

/** A command and a query of a stand-in service. */
@Path("/notes")
class NoteResource {

  private final EntityManager entities;
  private final Outbox outbox;

  NoteResource(EntityManager entities, Outbox outbox) {
    this.entities = entities;
    this.outbox = outbox;
  }

  @POST
  @Path("/{id}")
  @Transactional
  public void add(@PathParam("id") String id, String text) {
    entities.persist(new Note(id, text));
    outbox.add(TestEvents.created(id, text));
  }

  @GET
  public List<String> texts() {
    return entities.createQuery("select text from Note order by id", String.class).getResultList();
  }
}
