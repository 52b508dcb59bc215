package org.rlarena.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicsTest {

  @Test
  void shouldReadChannelsAndTheirReaders() throws Exception {
    // Given
    var file =
        new YAMLMapper()
            .readTree(
                """
                channels:
                  submission.created:
                    address: submission.created
                    x-readers: [build-service, audit-service]
                    bindings:
                      kafka:
                        partitions: 3
                        topicConfiguration:
                          cleanup.policy: [compact, delete]
                          retention.ms: 604800000
                  match.started:
                    address: match.started
                """);

    // When
    List<Topics.Topic> topics = Topics.read(file);

    // Then
    assertThat(topics)
        .containsExactly(
            new Topics.Topic(
                "submission.created",
                3,
                Map.of("cleanup.policy", "compact,delete", "retention.ms", "604800000")),
            new Topics.Topic("submission.created.build-service.dlq", 1, Map.of()),
            new Topics.Topic("submission.created.audit-service.dlq", 1, Map.of()),
            new Topics.Topic("match.started", 1, Map.of()));
  }

  @Test
  void shouldFindTheSuitesTopicsOnTheClassPath() {
    assertThat(Topics.all())
        .extracting(Topics.Topic::name)
        .contains("submission.created", "submission.created.build-service.dlq", "match.finished")
        .doesNotHaveDuplicates();
  }

  @Test
  void shouldRefuseToDeleteEverything() {
    assertThatThrownBy(() -> Topics.delete("127.0.0.1:1", ""))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
