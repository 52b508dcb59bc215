package org.rlarena.build.sbom;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.bundle.Manifest;

/**
 * A bill of materials of CycloneDX 1.6, of the wheels that a bundle's manifest names. It carries
 * neither time nor number of its own: the same bundle has the same one.
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record CycloneDx(
    String bomFormat,
    String specVersion,
    int version,
    Metadata metadata,
    List<Component> components,
    List<Dependency> dependencies) {

  private static final String BUNDLE = "bundle";

  static CycloneDx of(Bundle bundle, Manifest manifest) {
    List<Component> wheels = manifest.wheels().stream().map(Component::of).toList();
    return new CycloneDx(
        "CycloneDX",
        "1.6",
        1,
        new Metadata(
            new Component(
                "application",
                BUNDLE,
                "agent-bundle",
                bundle.sha256(),
                List.of(Hash.of(bundle.sha256())),
                null,
                List.of(
                    new Property("rlarena:python", manifest.pythonMinor()),
                    new Property("rlarena:platform", manifest.platform())))),
        wheels,
        List.of(new Dependency(BUNDLE, wheels.stream().map(Component::bomRef).toList())));
  }

  @RegisterForReflection
  record Metadata(Component component) {}

  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Component(
      String type,
      @JsonProperty("bom-ref") String bomRef,
      String name,
      String version,
      List<Hash> hashes,
      String purl,
      List<Property> properties) {

    static Component of(Manifest.Wheel wheel) {
      String purl =
          "pkg:pypi/%s@%s"
              .formatted(
                  encoded(wheel.name().toLowerCase(Locale.ROOT).replace('_', '-')),
                  encoded(wheel.version()));
      return new Component(
          "library",
          purl,
          wheel.name(),
          wheel.version(),
          List.of(Hash.of(wheel.sha256())),
          purl,
          null);
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }

  @RegisterForReflection
  record Hash(String alg, String content) {

    static Hash of(String sha256) {
      return new Hash("SHA-256", sha256);
    }
  }

  @RegisterForReflection
  record Property(String name, String value) {}

  @RegisterForReflection
  record Dependency(String ref, List<String> dependsOn) {}
}
