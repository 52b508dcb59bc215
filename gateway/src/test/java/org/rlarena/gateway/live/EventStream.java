package org.rlarena.gateway.live;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.restassured.RestAssured;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** A client of the live stream's server-sent events. Reading blocks, tests have a time limit. */
final class EventStream implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  final HttpResponse<java.io.InputStream> response;
  private final BufferedReader lines;

  /** Opens the stream; the last id may be null. */
  EventStream(String token, String query, String lastId) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://localhost:" + RestAssured.port + "/api/v1/events" + query))
            .header("Authorization", "Bearer " + token);
    if (lastId != null) {
      request.header("Last-Event-ID", lastId);
    }
    response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
  }

  /** The next event of a type: its fields by name. */
  Map<String, String> await(String type) throws IOException {
    return await(event -> type.equals(event.get("event")));
  }

  Map<String, String> await(Predicate<Map<String, String>> wanted) throws IOException {
    while (true) {
      Map<String, String> event = new HashMap<>();
      for (String line = lines.readLine(); ; line = lines.readLine()) {
        if (line == null) {
          throw new AssertionError("The stream ended");
        }
        if (line.isEmpty()) {
          break;
        }
        int colon = line.indexOf(':');
        event.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
      if (wanted.test(event)) {
        return event;
      }
    }
  }

  /** Reads to the end of the stream; whether it has one is up to the server. */
  void awaitEnd() throws IOException {
    while (lines.readLine() != null) {
      // what came before
    }
  }

  static JsonNode data(Map<String, String> event) throws IOException {
    return JSON.readTree(event.get("data"));
  }

  @Override
  public void close() throws IOException {
    response.body().close();
  }
}
