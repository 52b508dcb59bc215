package org.rlarena.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.infra.testing.Events;

class EmbeddedKafkaIT {

  private static final String TOPIC = "submission.created";

  @TempDir Path data;

  @Test
  void shouldKeepRecordsAcrossARestartOnTheSamePort() {
    // Given
    int port;
    try (var first = EmbeddedKafka.start(data, 0)) {
      port = first.port();
      Topics.create(first.bootstrapServers(), "");
      try (var events = Events.connect(first.bootstrapServers(), "")) {
        events.publish("1", TOPIC, "k", "type", "{\"a\":1}");
      }
    }

    // When
    try (var second = EmbeddedKafka.start(data, port)) {
      Topics.create(second.bootstrapServers(), "");

      // Then
      try (var events = Events.connect(second.bootstrapServers(), "")) {
        assertThat(events.on(TOPIC)).hasSize(1);
        events.publish("2", TOPIC, "k", "type", "{\"a\":2}");
        assertThat(events.await(TOPIC, e -> e.id().equals("2")).data().path("a").asInt())
            .isEqualTo(2);
        assertThat(events.on(TOPIC)).extracting("id").containsExactly("1", "2");
      }
    }
  }

  @Test
  void shouldSendClientsToTheProxyBeforeIt() throws Exception {
    try (var proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var kafka = EmbeddedKafka.start(data, 0, proxy.getLocalPort());
        var admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
      // Having heard of it, the client asks there: somebody must answer.
      Thread.ofVirtual().start(() -> forward(proxy, kafka.port()));
      assertThat(admin.describeCluster().nodes().get(1, TimeUnit.MINUTES))
          .extracting(Node::port)
          .containsExactly(proxy.getLocalPort());
    }
  }

  private static void forward(ServerSocket proxy, int port) {
    try {
      while (true) {
        Socket client = proxy.accept();
        Socket broker = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread.ofVirtual().start(() -> copy(client, broker));
        Thread.ofVirtual().start(() -> copy(broker, client));
      }
    } catch (IOException e) {
      // the test is over
    }
  }

  private static void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // one of them has hung up
    }
  }

  @Test
  void shouldNotCreateTopicsByUse() {
    try (var kafka = EmbeddedKafka.start(data, 0);
        var events = Events.connect(kafka.bootstrapServers(), "")) {
      var record = "x".getBytes(StandardCharsets.UTF_8);

      assertThatThrownBy(() -> events.publishRaw("unknown", "k", record, Map.of()))
          .hasMessageContaining("Could not publish to unknown");
    }
  }

  @Test
  void shouldSeparateRunsByPrefix() {
    try (var kafka = EmbeddedKafka.start(data, 0)) {
      Topics.create(kafka.bootstrapServers(), "a.");
      Topics.create(kafka.bootstrapServers(), "b.");
      try (var a = Events.connect(kafka.bootstrapServers(), "a.");
          var b = Events.connect(kafka.bootstrapServers(), "b.")) {
        a.publish(TOPIC, "k", "type", "{}");

        assertThat(a.on(TOPIC)).hasSize(1);
        assertThat(b.on(TOPIC)).isEmpty();

        Topics.delete(kafka.bootstrapServers(), "a.");
        b.publish(TOPIC, "k", "type", "{}");
        assertThat(b.on(TOPIC)).hasSize(1);
      }
    }
  }
}
