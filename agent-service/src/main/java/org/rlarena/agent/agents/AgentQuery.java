package org.rlarena.agent.agents;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.rlarena.agent.AgentError;

/**
 * Which agents a list is to show, and in which order; all conditions must hold.
 *
 * @param environmentId slug of their environment
 * @param userId their owner
 * @param search a part of the name or description, in lower case
 * @param order of the list
 */
record AgentQuery(
    Optional<String> environmentId, Optional<UUID> userId, Optional<String> search, Order order) {

  /** No name is longer. */
  static final int LONGEST_SEARCH = 100;

  /** The orders there are; the constant's name in lower case is the value of {@code sort}. */
  enum Order {
    /** Best first. */
    RATING("a.elo desc, a.created_at desc, a.id"),
    /** Newest first. */
    CREATED("a.created_at desc, a.id"),
    /** From A to Z, whatever the case. */
    NAME("lower(a.name), a.id");

    private final String columns;

    Order(String columns) {
      this.columns = columns;
    }

    /** The end of a query for agents {@code a}. */
    String orderBy() {
      return " order by " + columns;
    }

    private String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Reads query parameters, null or empty for absent ones; refuses {@code invalid_parameter}. */
  static AgentQuery of(String environmentId, String userId, String search, String sort) {
    return new AgentQuery(environment(environmentId), user(userId), search(search), order(sort));
  }

  /** A user's own agents, newest first. */
  static AgentQuery own(UUID user, String environmentId) {
    return new AgentQuery(
        environment(environmentId), Optional.of(user), Optional.empty(), Order.CREATED);
  }

  /** Whether all agents are asked for, or all of an environment. */
  boolean isOfAll() {
    return userId.isEmpty() && search.isEmpty();
  }

  /** What the column to search holds of an agent. */
  static String searchText(String name, String description) {
    return (name + "\n" + description).toLowerCase(Locale.ROOT);
  }

  /** The text searched for as a pattern of LIKE with the escape character {@code !}. */
  Optional<String> searchPattern() {
    return search.map(text -> "%" + text.replaceAll("[!%_]", "!$0") + "%");
  }

  private static Optional<String> environment(String environmentId) {
    return given(environmentId)
        .filter(
            id -> {
              if (Text.isBroken(id)) {
                throw AgentError.INVALID_PARAMETER.because(
                    "The query parameter environmentId must be an environment's id, such as pong.");
              }
              return true;
            });
  }

  private static Optional<UUID> user(String userId) {
    return given(userId)
        .map(
            text -> {
              try {
                return UUID.fromString(text);
              } catch (IllegalArgumentException e) {
                throw AgentError.INVALID_PARAMETER.because(
                    "The query parameter userId must be a user's id (a UUID).");
              }
            });
  }

  private static Optional<String> search(String search) {
    Optional<String> text = given(search).map(String::strip).filter(s -> !s.isEmpty());
    if (text.filter(s -> s.length() > LONGEST_SEARCH || Text.isBroken(s)).isPresent()) {
      throw AgentError.INVALID_PARAMETER.because(
          "The query parameter search must be a text of at most %d characters."
              .formatted(LONGEST_SEARCH));
    }
    return text.map(s -> s.toLowerCase(Locale.ROOT));
  }

  private static Order order(String sort) {
    return given(sort)
        .map(
            text ->
                Arrays.stream(Order.values())
                    .filter(order -> order.text().equals(text))
                    .findFirst()
                    .orElseThrow(AgentQuery::unknownOrder))
        .orElse(Order.RATING);
  }

  private static RuntimeException unknownOrder() {
    return AgentError.INVALID_PARAMETER.because(
        "The query parameter sort must be one of %s."
            .formatted(
                Arrays.stream(Order.values()).map(Order::text).collect(Collectors.joining(", "))));
  }

  private static Optional<String> given(String value) {
    return Optional.ofNullable(value).filter(text -> !text.isEmpty());
  }
}
