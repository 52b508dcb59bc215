package org.rlarena.build.sbom;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.bundle.BundleStore;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.ObjectsUnavailable;
import org.rlarena.objects.StoredContent;

/**
 * Bills of materials as objects {@code sboms/<sha256 of the bundle>.cdx.json}. One is made when it
 * is first asked for, so bundles of earlier versions have one too; two that are made at once are
 * equal.
 */
@ApplicationScoped
public class Sboms {

  private final ObjectStore objects;
  private final BundleStore bundles;
  private final ObjectMapper json;

  Sboms(ObjectStore objects, BundleStore bundles, ObjectMapper json) {
    this.objects = objects;
    this.bundles = bundles;
    this.json = json;
  }

  /**
   * The bill of materials of a bundle, CycloneDX as JSON.
   *
   * @throws PlatformFault if the store cannot be read or written
   */
  public byte[] of(Bundle bundle) {
    String key = "sboms/" + bundle.sha256() + ".cdx.json";
    try {
      Optional<StoredContent> made = objects.find(key);
      if (made.isPresent()) {
        try (InputStream in = made.get().open()) {
          return in.readAllBytes();
        }
      }
      return make(bundle, key);
    } catch (IOException | ObjectsUnavailable e) {
      throw new PlatformFault("The bill of materials could not be read or stored.", e);
    }
  }

  private byte[] make(Bundle bundle, String key) throws IOException {
    byte[] document = json.writeValueAsBytes(CycloneDx.of(bundle, bundles.manifest(bundle)));
    Path part = bundles.newPart();
    try {
      Files.write(part, document);
      objects.put(key, part, sha256(document));
    } finally {
      Files.deleteIfExists(part);
    }
    return document;
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
