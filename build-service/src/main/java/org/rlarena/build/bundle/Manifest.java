package org.rlarena.build.bundle;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Comparator;
import java.util.List;

/**
 * What a bundle says of itself, in its file {@code manifest.json}. Holds nothing that differs
 * between two builds of the same upload, so equal content gives an equal bundle.
 *
 * @param format version of the bundle's layout
 * @param pythonMinor such as {@code 3.11}
 * @param platform such as {@code linux_x86_64}
 * @param entry file below {@code code/} that is loaded
 * @param wheels installed packages, by name
 */
@RegisterForReflection
@JsonPropertyOrder({"format", "pythonMinor", "platform", "entry", "wheels"})
public record Manifest(
    int format, String pythonMinor, String platform, String entry, List<Wheel> wheels) {

  public static final int FORMAT = 1;

  public Manifest {
    wheels =
        wheels.stream()
            .sorted(Comparator.comparing(Wheel::name).thenComparing(Wheel::version))
            .toList();
  }

  /**
   * A package of the bundle.
   *
   * @param name as its author writes it
   * @param version of the package
   * @param sha256 digest of the wheel it was installed from, lower-case hex
   */
  @RegisterForReflection
  @JsonPropertyOrder({"name", "version", "sha256"})
  public record Wheel(String name, String version, String sha256) {}
}
