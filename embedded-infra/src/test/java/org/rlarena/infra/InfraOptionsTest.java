package org.rlarena.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InfraOptionsTest {

  @Test
  void shouldHaveDefaults() {
    assertThat(InfraOptions.parse("--data", "d"))
        .isEqualTo(
            new InfraOptions(
                Path.of("d"),
                0,
                0,
                0,
                List.of(),
                Path.of("d", "postgres", "binaries"),
                Optional.empty(),
                true,
                true,
                false));
  }

  @Test
  void shouldReadEveryArgument() {
    InfraOptions options =
        InfraOptions.parse(
            "--data d --kafka-port 1 --kafka-client-port 3 --postgres-port 2 --databases a,b --binaries b"
                .concat(" --ready-file r --no-topics --not-durable --until-input-ends")
                .split(" "));

    assertThat(options)
        .isEqualTo(
            new InfraOptions(
                Path.of("d"),
                1,
                3,
                2,
                List.of("a", "b"),
                Path.of("b"),
                Optional.of(Path.of("r")),
                false,
                false,
                true));
  }

  @Test
  void shouldNameTheWrongArgument() {
    assertThatThrownBy(() -> InfraOptions.parse()).hasMessageContaining("--data");
    assertThatThrownBy(() -> InfraOptions.parse("--data")).hasMessageContaining("--data");
    assertThatThrownBy(() -> InfraOptions.parse("--what", "x")).hasMessageContaining("--what");
    assertThatThrownBy(() -> InfraOptions.parse("--data", "d", "--kafka-port", "70000"))
        .hasMessageContaining("--kafka-port")
        .hasMessageContaining("70000");
    assertThatThrownBy(() -> InfraOptions.parse("--data", "d", "--postgres-port", "x"))
        .hasMessageContaining("--postgres-port");
  }
}
