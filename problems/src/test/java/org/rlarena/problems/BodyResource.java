package org.rlarena.problems;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response.Status;
import java.util.List;

/** Takes a JSON body, for the tests. */
@Path("/body")
public class BodyResource {

  /** A field of each kind. */
  public record Body(
      String text, Boolean yes, Integer count, Double ratio, List<String> texts, Body inner) {}

  /** Its problem. */
  @ApplicationScoped
  static class OwnProblem implements UnreadableBody {

    @Override
    public HttpProblem because(String sentence) {
      return HttpProblem.builder()
          .withStatus(Status.BAD_REQUEST)
          .withTitle("Bad Request")
          .withDetail(sentence)
          .with("code", "own_code")
          .build();
    }
  }

  /** Says the same again. */
  @POST
  public Body echo(Body body) {
    return body;
  }
}
