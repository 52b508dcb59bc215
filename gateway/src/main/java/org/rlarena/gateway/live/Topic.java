package org.rlarena.gateway.live;

import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What messages are about and connections listen to. That of a user carries what is for the user
 * alone; nobody can subscribe to it, a connection has its own.
 *
 * @param name as clients write it, such as {@code environment:pong}
 */
record Topic(String name) {

  private static final Pattern SLUG = Pattern.compile("[a-z0-9][a-z0-9-]{0,49}");

  static Topic user(UUID id) {
    return new Topic("user:" + id);
  }

  static Topic agent(UUID id) {
    return new Topic("agent:" + id);
  }

  static Topic match(UUID id) {
    return new Topic("match:" + id);
  }

  static Topic environment(String id) {
    return new Topic("environment:" + id);
  }

  /** A topic that clients may subscribe to; empty if the name is none. */
  static Optional<Topic> parse(String name) {
    int colon = name.indexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    String id = name.substring(colon + 1);
    return switch (name.substring(0, colon)) {
      case "environment" ->
          SLUG.matcher(id).matches() ? Optional.of(environment(id)) : Optional.empty();
      case "agent" -> uuid(id).map(Topic::agent);
      case "match" -> uuid(id).map(Topic::match);
      default -> Optional.empty();
    };
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return text.length() == 36 ? Optional.of(UUID.fromString(text)) : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
