package org.rlarena.match.play;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.rlarena.executor.v1.AgentData;
import org.rlarena.executor.v1.AgentResult;
import org.rlarena.executor.v1.Environment;
import org.rlarena.executor.v1.HealthCheckResponse;
import org.rlarena.executor.v1.ListEnvironmentsResponse;
import org.rlarena.executor.v1.MatchRequest;
import org.rlarena.executor.v1.MatchResponse;
import org.rlarena.executor.v1.MatchStatus;
import org.rlarena.executor.v1.Verdict;

/** This service's cut copy of the executor's contract says what the published one says. */
class ProtoContractTest {

  @Test
  void shouldAgreeWithPublishedContractOnEveryField() throws IOException {
    String published = published();
    for (Descriptor message :
        List.of(
            AgentData.getDescriptor(),
            MatchRequest.getDescriptor(),
            AgentResult.getDescriptor(),
            MatchResponse.getDescriptor(),
            HealthCheckResponse.getDescriptor(),
            ListEnvironmentsResponse.getDescriptor(),
            Environment.getDescriptor())) {
      String body = body(published, "message", message.getName());
      for (FieldDescriptor field : message.getFields()) {
        assertThat(body)
            .as("%s.%s", message.getName(), field.getName())
            .containsPattern(
                "(?m)^ *%s *%s = %d;".formatted(type(field), field.getName(), field.getNumber()));
      }
    }
  }

  @Test
  void shouldKnowEveryPublishedValue() throws IOException {
    String verdicts = body(published(), "enum", "Verdict");
    for (Verdict verdict : Verdict.values()) {
      if (verdict != Verdict.UNRECOGNIZED) {
        assertThat(verdicts).contains(verdict.name() + " = " + verdict.getNumber() + ";");
      }
    }
    assertThat(verdicts.lines().filter(line -> line.matches(" *[A-Z_]+ = \\d+;")))
        .hasSize(Verdict.values().length - 1);
    assertThat(body(published(), "enum", "MatchStatus").lines().filter(l -> l.contains(" = ")))
        .hasSize(MatchStatus.values().length - 1);
  }

  private static String type(FieldDescriptor field) {
    if (field.isMapField()) {
      return "map<string, string>";
    }
    String type =
        switch (field.getJavaType()) {
          case MESSAGE -> field.getMessageType().getName();
          case ENUM -> field.getEnumType().getName();
          default -> field.getType().name().toLowerCase(Locale.ROOT);
        };
    return field.isRepeated() ? "repeated " + type : type;
  }

  private static String body(String published, String kind, String name) {
    var found =
        Pattern.compile("(?s)\\b%s %s \\{(.*?)\n\\}".formatted(kind, name)).matcher(published);
    assertThat(found.find()).as("%s %s", kind, name).isTrue();
    return found.group(1);
  }

  private static String published() throws IOException {
    try (InputStream in =
        ProtoContractTest.class.getResourceAsStream("/contracts/grpc/executor.proto")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
