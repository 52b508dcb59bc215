package org.rlarena.infra;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Command line of {@link InfraMain}.
 *
 * @param data folder that keeps everything
 * @param kafkaPort TCP port, 0 for any free one
 * @param kafkaClientPort TCP port that clients are told to come to: of a proxy before the broker; 0
 *     for the broker's own
 * @param postgresPort TCP port, 0 for any free one
 * @param databases names to create; may be empty
 * @param binaries folder for PostgreSQL's programs, by default below the data
 * @param readyFile written when everything answers
 * @param topics whether the suite's topics are created
 * @param durable whether commits reach the disk
 * @param untilInputEnds stop when standard input ends, that is when the parent process is gone
 */
record InfraOptions(
    Path data,
    int kafkaPort,
    int kafkaClientPort,
    int postgresPort,
    List<String> databases,
    Path binaries,
    Optional<Path> readyFile,
    boolean topics,
    boolean durable,
    boolean untilInputEnds) {

  static final String USAGE =
      """
      usage: embedded-infra --data DIR [--kafka-port N] [--kafka-client-port N] [--postgres-port N]
                            [--databases A,B] [--ready-file FILE] [--binaries DIR] [--no-topics]
                            [--not-durable] [--until-input-ends]
      """;

  /**
   * @throws IllegalArgumentException naming the argument that is missing, unknown or malformed
   */
  static InfraOptions parse(String... arguments) {
    Optional<Path> data = Optional.empty();
    Optional<Path> binaries = Optional.empty();
    Optional<Path> readyFile = Optional.empty();
    int kafkaPort = 0;
    int kafkaClientPort = 0;
    int postgresPort = 0;
    boolean topics = true;
    boolean durable = true;
    boolean untilInputEnds = false;
    var databases = new ArrayList<String>();
    var rest = List.of(arguments).iterator();
    while (rest.hasNext()) {
      String name = rest.next();
      switch (name) {
        case "--no-topics" -> topics = false;
        case "--not-durable" -> durable = false;
        case "--until-input-ends" -> untilInputEnds = true;
        default -> {
          if (!rest.hasNext()) {
            throw new IllegalArgumentException(name + " is unknown or lacks its value");
          }
          String value = rest.next();
          switch (name) {
            case "--data" -> data = Optional.of(Path.of(value));
            case "--binaries" -> binaries = Optional.of(Path.of(value));
            case "--ready-file" -> readyFile = Optional.of(Path.of(value));
            case "--kafka-port" -> kafkaPort = port(name, value);
            case "--kafka-client-port" -> kafkaClientPort = port(name, value);
            case "--postgres-port" -> postgresPort = port(name, value);
            case "--databases" -> databases.addAll(List.of(value.split(",")));
            default -> throw new IllegalArgumentException("Unknown argument " + name);
          }
        }
      }
    }
    Path folder = data.orElseThrow(() -> new IllegalArgumentException("--data is missing"));
    return new InfraOptions(
        folder,
        kafkaPort,
        kafkaClientPort,
        postgresPort,
        List.copyOf(databases),
        binaries.orElse(folder.resolve("postgres").resolve("binaries")),
        readyFile,
        topics,
        durable,
        untilInputEnds);
  }

  private static int port(String name, String value) {
    try {
      int port = Integer.parseInt(value);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // answered below, together with numbers that are out of range
    }
    throw new IllegalArgumentException(name + " must be a port from 0 to 65535, not " + value);
  }
}
