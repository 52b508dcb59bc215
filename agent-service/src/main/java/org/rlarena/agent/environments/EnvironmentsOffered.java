package org.rlarena.agent.environments;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Objects;

/**
 * What this service reads of {@code org.rlarena.executor.environments-offered.v1}.
 *
 * @param sequence grows with each list, from 1
 * @param environments all that live executors play now; empty when none lives
 */
@RegisterForReflection
record EnvironmentsOffered(long sequence, List<Offer> environments) {

  static final String TYPE = "org.rlarena.executor.environments-offered.v1";

  EnvironmentsOffered {
    if (sequence < 1) {
      throw new IllegalArgumentException("sequence must be at least 1");
    }
    environments = List.copyOf(environments);
  }

  /** One environment of the list, as executors describe it. */
  @RegisterForReflection
  record Offer(
      String environmentId,
      String name,
      String description,
      String version,
      int minPlayers,
      int maxPlayers,
      int maxSteps,
      ObjectNode config) {

    Offer {
      Objects.requireNonNull(environmentId, "environmentId");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(description, "description");
      Objects.requireNonNull(version, "version");
      Objects.requireNonNull(config, "config");
      if (environmentId.isBlank() || environmentId.length() > 50) {
        throw new IllegalArgumentException("environmentId must have 1 to 50 characters");
      }
      if (minPlayers < 2 || maxPlayers < minPlayers || maxSteps < 1) {
        throw new IllegalArgumentException("impossible seats or steps");
      }
    }

    Environment.Rules rules() {
      return new Environment.Rules(
          environmentId,
          name,
          description,
          version,
          minPlayers,
          maxPlayers,
          maxSteps,
          config.toString());
    }
  }
}
