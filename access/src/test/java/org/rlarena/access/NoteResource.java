package org.rlarena.access;

import io.agroal.api.AgroalDataSource;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/** An endpoint that creates something. */
@Path("/notes")
@RolesAllowed("user")
@TokenScope(TokenScope.AGENTS_WRITE)
public class NoteResource {

  /** Asked for in a note: creating waits for {@link #release}. */
  static final String SLOW = "slow";

  /** Asked for in a note: it is refused after it was written. */
  static final String BAD = "bad";

  static volatile CountDownLatch entered = new CountDownLatch(1);
  static volatile CountDownLatch release = new CountDownLatch(1);

  private final RepeatedRequests repeats;
  private final Caller caller;
  private final AgroalDataSource dataSource;

  NoteResource(RepeatedRequests repeats, Caller caller, AgroalDataSource dataSource) {
    this.repeats = repeats;
    this.caller = caller;
    this.dataSource = dataSource;
  }

  /** What is created. */
  public record Note(String text) {}

  /** What is answered. */
  public record Noted(UUID id, String text) {}

  @POST
  @Transactional
  public Response note(@HeaderParam(RepeatedRequests.KEY) String key, Note note) {
    var creation = repeats.of(key, caller.userId(), "POST /notes", note);
    return answer(creation.once(() -> create(note), NoteResource::answer));
  }

  private static Response answer(Noted noted) {
    return Response.created(URI.create("/notes/" + noted.id())).entity(noted).build();
  }

  private Noted create(Note note) {
    if (note.text().equals(SLOW)) {
      entered.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    Noted noted = new Noted(UUID.randomUUID(), note.text());
    try (var connection = dataSource.getConnection();
        var statement = connection.prepareStatement("insert into note (id) values (?)")) {
      statement.setObject(1, noted.id());
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    if (note.text().equals(BAD)) {
      throw new BadRequestException();
    }
    return noted;
  }
}
