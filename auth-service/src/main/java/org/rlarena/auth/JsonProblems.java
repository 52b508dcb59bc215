package org.rlarena.auth;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.core.Response;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Tells a client what is wrong with its JSON, without the parser's own words. */
class JsonProblems {

  /** Before the mappers of the framework and of the problem library. */
  private static final int FIRST = Priorities.USER - 100;

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
    return AuthError.INVALID_BODY
        .because(
            field.isEmpty()
                ? "The body must be a JSON object; check its syntax."
                : "The field " + field + " has a value of the wrong type; correct it.")
        .toResponse();
  }
}
