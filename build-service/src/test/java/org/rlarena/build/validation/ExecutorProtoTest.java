package org.rlarena.build.validation;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.rlarena.build.validation.executor.ValidationRequest;
import org.rlarena.build.validation.executor.ValidationResponse;
import org.rlarena.build.validation.executor.Verdict;

/** The cut copy of the executor's proto must not drift from the published one. */
class ExecutorProtoTest {

  @Test
  void shouldNumberFieldsAsPublished() throws IOException {
    for (Descriptor message :
        List.of(ValidationRequest.getDescriptor(), ValidationResponse.getDescriptor())) {
      String published = block("message", message.getName());
      for (FieldDescriptor field : message.getFields()) {
        assertThat(published)
            .containsPattern("\\b%s = %d;".formatted(field.getName(), field.getNumber()));
      }
    }
  }

  @Test
  void shouldKnowEveryVerdict() throws IOException {
    // Given
    String published = block("enum", "Verdict");

    // When
    List<EnumValueDescriptor> known = Verdict.getDescriptor().getValues();

    // Then
    known.forEach(
        verdict ->
            assertThat(published)
                .containsPattern("\\b%s = %d;".formatted(verdict.getName(), verdict.getNumber())));
    assertThat(Pattern.compile("\\w+ = \\d+;").matcher(published).results()).hasSameSizeAs(known);
  }

  private static String block(String kind, String name) throws IOException {
    try (InputStream in =
        ExecutorProtoTest.class.getResourceAsStream("/contracts/grpc/executor.proto")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Matcher block = Pattern.compile(kind + " " + name + " \\{([^}]*)\\}").matcher(text);
      assertThat(block.find()).as(kind + " " + name).isTrue();
      return block.group(1);
    }
  }
}
