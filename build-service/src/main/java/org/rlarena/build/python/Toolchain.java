package org.rlarena.build.python;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;

/**
 * The interpreter of agents and the sandbox around it. Until both have been seen to work nothing is
 * built: there is no way to run without the sandbox.
 */
@ApplicationScoped
public class Toolchain {

  private static final Logger LOG = Logger.getLogger(Toolchain.class);
  private static final long SCRIPT_FILE_BYTES = 1 << 20;

  private final String program;
  private final ObjectMapper json;
  private volatile AgentPython python;
  private volatile String problem = "the sandbox has not been tried yet";

  Toolchain(BuildConfig config, ObjectMapper json) {
    this.program = config.agentPython();
    this.json = json;
  }

  /** What stands in the way of building, with its remedy; empty once a sandbox has run. */
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  /** Tries interpreter and sandbox if they have not been seen to work; true if they do. */
  public synchronized boolean probe() {
    if (problem == null) {
      return true;
    }
    String found = tryOut();
    if (found != null && !found.equals(problem)) {
      LOG.errorf("No builds can be run: %s", found);
    }
    problem = found;
    return found == null;
  }

  /** Tries the sandbox anew, to tell a fault of ours from one of what was run in it. */
  boolean stillWorks() {
    problem = "the sandbox is tried anew";
    return probe();
  }

  /** Python minor of agents, such as {@code 3.11}. */
  public String pythonMinor() {
    return python().minor();
  }

  /** Platform of agents, as in wheel names. */
  public String platform() {
    return python().platform();
  }

  /** Folders that a log must not show. */
  public List<String> ownPaths() {
    return List.of(python().prefix().toString(), python().basePrefix().toString());
  }

  AgentPython python() {
    AgentPython known = python;
    if (known == null) {
      known = AgentPython.ask(program, json);
      python = known;
    }
    return known;
  }

  /**
   * Runs one of this service's own scripts in a sandbox with one read-only path, {@code /input}.
   */
  Processes.Result runScript(
      String script, Path input, Duration timeout, Consumer<String> errors, RunControl control) {
    return run(
        Map.of("/input", input),
        Optional.empty(),
        SCRIPT_FILE_BYTES,
        List.of("-c", script(script), "/input"),
        timeout,
        errors,
        control);
  }

  /** Runs the interpreter in a sandbox; see {@link SandboxCommand#words}. */
  Processes.Result run(
      Map<String, Path> readOnly,
      Optional<Path> work,
      long fileBytes,
      List<String> arguments,
      Duration timeout,
      Consumer<String> errors,
      RunControl control) {
    List<String> words =
        new SandboxCommand(python()).words(new TreeMap<>(readOnly), work, fileBytes, arguments);
    Map<String, String> environment =
        Map.of("PATH", System.getenv().getOrDefault("PATH", "/usr/bin:/bin"));
    return Processes.run(
        new Processes.Command(words, environment, Path.of("/"), timeout), errors, control);
  }

  private String tryOut() {
    ConcurrentLinkedDeque<String> said = new ConcurrentLinkedDeque<>();
    try {
      python();
      Processes.Result result =
          run(
              Map.of(),
              Optional.empty(),
              SCRIPT_FILE_BYTES,
              List.of("-c", "import pip; print('ready')"),
              Duration.ofSeconds(30),
              said::add,
              new RunControl(Duration.ofMinutes(1)));
      if (result.succeeded() && result.output().strip().equals("ready")) {
        return null;
      }
    } catch (PlatformFault e) {
      return python == null
          ? "arena.build.agent-python (%s) is not a Python with venv and pip: %s"
              .formatted(program, e.getMessage())
          : "bubblewrap or prlimit is missing; install the packages bubblewrap and util-linux";
    }
    String last = said.isEmpty() ? "no message" : said.getLast();
    return remedy(last);
  }

  /** The remedy for what bubblewrap, or Python inside, complained about last. */
  static String remedy(String complaint) {
    if (complaint.contains("No module named")) {
      return "the Python of agents lacks a package (%s); install it with pip".formatted(complaint);
    }
    if (complaint.contains("bwrap") && complaint.contains("ermission")
        || complaint.contains("not permitted")) {
      return ("the system refuses the sandbox (%s); allow user namespaces for bubblewrap, for"
              + " example with an AppArmor profile or kernel.apparmor_restrict_unprivileged_userns=0")
          .formatted(complaint);
    }
    if (complaint.contains("failed to execute bwrap")) {
      return "bubblewrap is missing; install the package bubblewrap";
    }
    return "the sandbox does not work (%s)".formatted(complaint);
  }

  private static String script(String name) {
    try (InputStream in = Toolchain.class.getResourceAsStream("/python/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
