package org.rlarena.gateway;

import io.restassured.RestAssured;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/** A client that sends exactly the bytes it is given, as no decent one would. */
public final class RawClient implements AutoCloseable {

  private final Socket socket;

  private RawClient(Socket socket) {
    this.socket = socket;
  }

  public static RawClient connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", RestAssured.port);
    socket.setSoTimeout(20_000);
    return new RawClient(socket);
  }

  /** Sends a request line and headers, and gives the whole answer. */
  public static String ask(String... lines) throws IOException {
    try (RawClient client = connect()) {
      client.send(String.join("\r\n", lines) + "\r\nHost: x\r\nConnection: close\r\n\r\n");
      return client.readAll();
    }
  }

  public void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** What comes next, without waiting for all of it. */
  public String readSome() throws IOException {
    byte[] block = new byte[1 << 16];
    int length = socket.getInputStream().read(block);
    return length < 0 ? "" : new String(block, 0, length, StandardCharsets.ISO_8859_1);
  }

  /** Reads until the gateway closes the connection, also when it does so rudely. */
  public String readAll() throws IOException {
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] block = new byte[1 << 16];
    try {
      for (int n = in.read(block); n >= 0; n = in.read(block)) {
        all.write(block, 0, n);
      }
    } catch (SocketException e) {
      // reset: what has come so far is the answer
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  /** Goes away without a word, whatever is on its way. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
