package org.rlarena.build.signing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.rlarena.infra.Ports;

/** A registry of images on loopback, in which nothing is but what a test pushes. */
final class TestRegistry implements AutoCloseable {

  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String CONFIG = "application/vnd.oci.image.config.v1+json";

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process process;
  private final String address;

  private TestRegistry(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  static TestRegistry start(Path program, Path folder) throws IOException {
    Files.createDirectories(folder);
    String address = "127.0.0.1:" + Ports.free();
    Path settings =
        Files.writeString(
            folder.resolve("settings.yml"),
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: "%s"}}
            http: {addr: "%s"}
            """
                .formatted(folder.resolve("images"), address));
    Process process =
        new ProcessBuilder(program.toString(), "serve", settings.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    TestRegistry registry = new TestRegistry(process, address);
    await().atMost(Duration.ofSeconds(30)).until(registry::answers);
    return registry;
  }

  String address() {
    return address;
  }

  /** Pushes an image without files; its digest, which differs with the name of its author. */
  String push(String repository, String author) throws IOException, InterruptedException {
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{},"author":"%s",
         "rootfs":{"type":"layers","diff_ids":[]}}
        """
            .formatted(author)
            .getBytes(StandardCharsets.UTF_8);
    byte[] manifest =
        """
        {"schemaVersion":2,"mediaType":"%s","layers":[],
         "config":{"mediaType":"%s","digest":"%s","size":%d}}
        """
            .formatted(MANIFEST, CONFIG, digest(config), config.length)
            .getBytes(StandardCharsets.UTF_8);
    HttpResponse<String> upload =
        send(
            request("/v2/" + repository + "/blobs/uploads/")
                .POST(HttpRequest.BodyPublishers.noBody()),
            202);
    URI place = uri("/").resolve(upload.headers().firstValue("Location").orElseThrow());
    String mark = place.getQuery() == null ? "?" : "&";
    send(
        HttpRequest.newBuilder(URI.create(place + mark + "digest=" + digest(config)))
            .header("Content-Type", "application/octet-stream")
            .PUT(HttpRequest.BodyPublishers.ofByteArray(config)),
        201);
    send(
        request("/v2/" + repository + "/manifests/" + digest(manifest))
            .header("Content-Type", MANIFEST)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(manifest)),
        201);
    return digest(manifest);
  }

  /** How many layers an image has. */
  int layers(String repository, String tag) throws IOException, InterruptedException {
    String manifest =
        send(request("/v2/" + repository + "/manifests/" + tag).header("Accept", MANIFEST), 200)
            .body();
    String layers = manifest.substring(manifest.indexOf("\"layers\""));
    return layers.split("\"digest\"", -1).length - 1;
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  private boolean answers() {
    if (!process.isAlive()) {
      throw new IllegalStateException("docker-registry has ended");
    }
    try {
      return http.send(request("/v2/").build(), HttpResponse.BodyHandlers.discarding()).statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri(path));
  }

  private URI uri(String path) {
    return URI.create("http://" + address + path);
  }

  private HttpResponse<String> send(HttpRequest.Builder request, int wanted)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != wanted) {
      throw new UncheckedIOException(
          new IOException("%d: %s".formatted(answer.statusCode(), answer.body())));
    }
    return answer;
  }

  private static String digest(byte[] content) {
    try {
      return "sha256:"
          + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
