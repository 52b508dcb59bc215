package org.rlarena.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.Level;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonLinesTest {

  private static final Instant TIME = Instant.parse("2026-11-23T12:00:00.123456Z");

  private final JsonLines lines = new JsonLines("rating-service");

  private static ExtLogRecord record(String message) {
    var record = new ExtLogRecord(Level.WARN, message, ExtLogRecord.FormatStyle.NO_FORMAT, "x.Y");
    record.setInstant(TIME);
    record.setLoggerName("org.rlarena.Z");
    record.setThreadName("worker-1");
    record.setMdc(Map.of());
    return record;
  }

  private JsonNode only(ExtLogRecord record) throws Exception {
    String text = lines.format(record);
    List<String> written = text.lines().toList();
    assertThat(text).endsWith("\n").isASCII();
    assertThat(written).hasSize(1);
    return new ObjectMapper().readTree(written.getFirst());
  }

  @Test
  void shouldSayWhenWhoWhatAndAboutWhat() throws Exception {
    // Given
    var record = record("Rated");
    record.setMdc(Map.of("matchId", "m1", "traceId", "t1", "sampled", "true", "level", "forged"));

    // When
    JsonNode line = only(record);

    // Then
    assertThat(line)
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"timestamp": "2026-11-23T12:00:00.123456Z", "level": "WARN",
                     "service": "rating-service", "logger": "org.rlarena.Z", "message": "Rated",
                     "thread": "worker-1", "matchId": "m1", "traceId": "t1"}
                    """));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "two\nlines",
        "\r\n{\"level\":\"forged\"}",
        "\"}\\",
        "\u0000\u001b[31m\u007f",
        "\u2028\u2029\u0085 \uFEFF",
        "\ud800 alone",
        "100 % of {0} %s",
        ""
      })
  void shouldStayOneLineWhateverTheTextHolds(String hostile) throws Exception {
    // Given
    var record = record(hostile);
    record.setMdc(Map.of("requestId", hostile));
    record.setThrown(new IllegalStateException(hostile, new RuntimeException(hostile)));

    // When
    JsonNode line = only(record);

    // Then
    assertThat(line.get("message").asText()).isEqualTo(hostile);
    assertThat(line.get("requestId").asText()).isEqualTo(hostile);
    assertThat(line.get("exception").asText())
        .startsWith("java.lang.IllegalStateException: " + hostile)
        .contains("Caused by: java.lang.RuntimeException: " + hostile, "JsonLinesTest");
    assertThat(line.get("level").asText()).isEqualTo("WARN");
  }

  @Test
  void shouldFillParametersIn() throws Exception {
    var record = new ExtLogRecord(Level.INFO, "%s of %d", ExtLogRecord.FormatStyle.PRINTF, "x.Y");
    record.setParameters(new Object[] {"\"one\"", 2});
    assertThat(only(record).get("message").asText()).isEqualTo("\"one\" of 2");
  }

  @Test
  void shouldTakeARecordThatLacksEverything() throws Exception {
    var record = new ExtLogRecord(Level.INFO, null, "x.Y");
    record.setLoggerName(null);
    record.setThreadName(null);
    assertThat(only(record).get("message").isNull()).isTrue();
  }
}
