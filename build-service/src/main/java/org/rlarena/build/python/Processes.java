package org.rlarena.build.python;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;

/**
 * Runs a command to its end: nothing on its input, an environment of its own, its output bounded,
 * killed with all it started when it takes too long or the run is stopped. Must be called on a
 * platform thread that waits for it: sandboxes die with the thread that started them.
 */
public final class Processes {

  private static final int MAX_OUTPUT = 8 * 1024 * 1024;
  private static final int MAX_LINE = 8 * 1024;
  private static final long POLL_MILLIS = 50;

  /** SIGHUP, SIGINT and SIGTERM, as an exit status: no program ends itself by one of them. */
  private static final Set<Integer> ENDED_FROM_OUTSIDE = Set.of(128 + 1, 128 + 2, 128 + 15);

  private Processes() {}

  /**
   * A command to run.
   *
   * @param words program and arguments
   * @param environment the whole environment of the process
   * @param folder its working folder
   * @param timeout killed after this time
   */
  public record Command(
      List<String> words, Map<String, String> environment, Path folder, Duration timeout) {}

  /**
   * How a command ended.
   *
   * @param status exit status, above 128 if a signal ended it; meaningless after a timeout
   * @param output what it wrote to standard output, at most 8 MiB
   */
  public record Result(int status, String output, boolean timedOut) {

    public boolean succeeded() {
      return status == 0 && !timedOut;
    }
  }

  /**
   * @param errors gets each line of standard error as it comes
   * @throws PlatformFault if the program cannot be started, or is ended from outside: who stops
   *     this service often signals all of its processes, and one of these may end first
   * @throws org.rlarena.build.RunStopped if the run is stopped meanwhile
   */
  public static Result run(Command command, Consumer<String> errors, RunControl control) {
    Process process = start(command);
    try {
      StringBuilder output = new StringBuilder();
      Thread out = reader(process.getInputStream(), in -> collect(in, output));
      Thread err = reader(process.getErrorStream(), in -> lines(in, errors));
      boolean ended = await(process, command.timeout(), control);
      if (!ended) {
        kill(process);
      }
      // a grandchild that kept the pipe open must not hold the build
      out.join(Duration.ofSeconds(5));
      err.join(Duration.ofSeconds(5));
      int status = process.waitFor();
      if (ended && ENDED_FROM_OUTSIDE.contains(status)) {
        throw new PlatformFault("A tool of the build was ended from outside.");
      }
      synchronized (output) {
        return new Result(status, output.toString(), !ended);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PlatformFault("The build was interrupted.", e);
    } finally {
      kill(process);
    }
  }

  private static Process start(Command command) {
    ProcessBuilder builder = new ProcessBuilder(command.words());
    builder.directory(command.folder().toFile());
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().clear();
    builder.environment().putAll(command.environment());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new PlatformFault("A tool of the build could not be started.", e);
    }
  }

  private static boolean await(Process process, Duration timeout, RunControl control)
      throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      control.check();
      if (System.nanoTime() - end > 0) {
        return false;
      }
    }
    return true;
  }

  private static void kill(Process process) {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private static Thread reader(InputStream stream, Consumer<Reader> work) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try (Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
                work.accept(reader);
              } catch (IOException | UncheckedIOException e) {
                // the process was killed and its pipe is gone: what came before was read
              }
            });
  }

  private static void collect(Reader reader, StringBuilder output) {
    char[] buffer = new char[8192];
    for (int n = read(reader, buffer); n >= 0; n = read(reader, buffer)) {
      synchronized (output) {
        output.append(buffer, 0, Math.min(n, MAX_OUTPUT - output.length()));
      }
    }
  }

  private static void lines(Reader reader, Consumer<String> consumer) {
    StringBuilder line = new StringBuilder();
    char[] buffer = new char[8192];
    for (int n = read(reader, buffer); n >= 0; n = read(reader, buffer)) {
      for (int i = 0; i < n; i++) {
        if (buffer[i] == '\n') {
          consumer.accept(line.toString());
          line.setLength(0);
        } else if (line.length() < MAX_LINE) {
          line.append(buffer[i]);
        }
      }
    }
    if (!line.isEmpty()) {
      consumer.accept(line.toString());
    }
  }

  private static int read(Reader reader, char[] buffer) {
    try {
      return reader.read(buffer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
