package org.rlarena.build.scan;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;

/**
 * The ignore file: findings that an operator accepts, such as those that cannot be reached in an
 * agent. A line that is wrong stops the service: a word that is misspelt must not accept for ever
 * what was meant to expire.
 */
final class AcceptedFindings {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private final List<Rule> rules;

  private AcceptedFindings(List<Rule> rules) {
    this.rules = rules;
  }

  static AcceptedFindings none() {
    return new AcceptedFindings(List.of());
  }

  /**
   * @throws IllegalStateException naming what is wrong
   */
  static AcceptedFindings read(Path file) {
    try {
      return new AcceptedFindings(
          JSON.readValue(file.toFile(), new TypeReference<List<Rule>>() {}));
    } catch (IOException e) {
      throw new IllegalStateException(
          "arena.build.scan.ignore-file (%s) cannot be read: %s"
              .formatted(file, e.getMessage().lines().findFirst().orElse("")),
          e);
    }
  }

  boolean accepts(Finding finding, Instant now) {
    return rules.stream().anyMatch(rule -> rule.accepts(finding, now));
  }

  /**
   * One element of the file.
   *
   * @param id of the finding, or another name of the same
   * @param packageName that it is accepted in; in every one if not given
   * @param until last day, UTC, such as {@code 2027-01-31}; for ever if not given
   * @param reason why it is accepted
   */
  @RegisterForReflection
  record Rule(
      @JsonProperty(required = true) String id,
      @JsonProperty("package") String packageName,
      String until,
      @JsonProperty(required = true) String reason) {

    Rule {
      if (id == null || id.isBlank()) {
        throw new IllegalArgumentException("id is missing");
      }
      if (reason == null || reason.isBlank()) {
        throw new IllegalArgumentException("the reason for %s is missing".formatted(id));
      }
      if (until != null) {
        day(id, until);
      }
    }

    private boolean accepts(Finding finding, Instant now) {
      boolean isMeant =
          id.equalsIgnoreCase(finding.id())
              || finding.aliases().stream().anyMatch(id::equalsIgnoreCase);
      boolean isThere =
          Optional.ofNullable(packageName)
              .map(name -> Names.normal(name).equals(Names.normal(finding.packageName())))
              .orElse(true);
      boolean isValid =
          until == null || !LocalDate.ofInstant(now, ZoneOffset.UTC).isAfter(day(id, until));
      return isMeant && isThere && isValid;
    }

    private static LocalDate day(String id, String text) {
      try {
        return LocalDate.parse(text);
      } catch (DateTimeException e) {
        throw new IllegalArgumentException(
            "until of %s must be a day such as 2027-01-31".formatted(id));
      }
    }
  }
}
