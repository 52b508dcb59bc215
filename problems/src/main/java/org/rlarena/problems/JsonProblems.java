package org.rlarena.problems;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import jakarta.ws.rs.core.Response;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Tells a client what is wrong with its JSON, without the parser's own words. */
class JsonProblems {

  /** Before the mappers of the problem extension, which stand at 999 (the lowest goes first). */
  private static final int FIRST = 900;

  static final String NO_OBJECT = "The body must be a JSON object; check its syntax.";

  private final UnreadableBody unreadableBody;

  JsonProblems(UnreadableBody unreadableBody) {
    this.unreadableBody = unreadableBody;
  }

  @ServerExceptionMapper(
      value = {
        JsonProcessingException.class,
        JsonMappingException.class,
        MismatchedInputException.class,
        InvalidFormatException.class
      },
      priority = FIRST)
  Response unreadable(JsonProcessingException e) {
    String field =
        e instanceof JsonMappingException mapping
            ? mapping.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(name -> name != null)
                .collect(Collectors.joining("."))
            : "";
    return unreadableBody
        .because(
            field.isEmpty()
                ? NO_OBJECT
                : "The field " + field + " has a value of the wrong type; correct it.")
        .toResponse();
  }
}
