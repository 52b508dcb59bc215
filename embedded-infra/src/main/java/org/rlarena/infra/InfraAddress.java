package org.rlarena.infra;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * Where a running broker and database are; the content of the ready file.
 *
 * @param kafka host and port for {@code bootstrap.servers}
 * @param postgresHost host name or address
 * @param postgresPort TCP port
 * @param postgresUser a role that may create databases
 * @param pid process that runs them
 */
public record InfraAddress(
    String kafka, String postgresHost, int postgresPort, String postgresUser, long pid) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Address of one database, without credentials. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://" + postgresHost + ":" + postgresPort + "/" + database;
  }

  /** Reads a ready file. */
  public static InfraAddress read(Path file) {
    try {
      return JSON.readValue(file.toFile(), InfraAddress.class);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + file, e);
    }
  }

  /** Writes a ready file in one step: a reader sees all of it or none. */
  public void write(Path file) {
    Path target = file.toAbsolutePath();
    try {
      Files.createDirectories(target.getParent());
      Path part = target.resolveSibling(target.getFileName() + ".part");
      JSON.writerWithDefaultPrettyPrinter().writeValue(part.toFile(), this);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not write " + file, e);
    }
  }
}
