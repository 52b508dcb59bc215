package org.rlarena.auth.token;

import io.quarkus.runtime.Startup;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.rlarena.auth.AuthConfig;

/**
 * The RSA key that signs tokens, and those that are published beside it: the one that will sign
 * next and those that did before. Its id is the RFC 7638 thumbprint, so the same key has the same
 * id after a restart and on every replica. Without a usable key the service does not start.
 */
@Startup
@ApplicationScoped
class SigningKey {

  private static final int MIN_BITS = 2048;

  private final RSAPrivateCrtKey privateKey;
  private final String id;
  private final List<JsonWebKey> published = new ArrayList<>();

  SigningKey(AuthConfig config, @ConfigProperty(name = "jwt.secret") Optional<String> sharedSecret)
      throws IOException, GeneralSecurityException {
    if (sharedSecret.isPresent()) {
      throw new IllegalStateException(
          "JWT_SECRET is not used here: tokens are signed with an RSA key. Remove it and set"
              + " ARENA_AUTH_SIGNING_KEY_FILE to a private key file.");
    }
    Path file = config.signingKeyFile();
    if (config.createSigningKey() && !Files.exists(file)) {
      create(file);
    }
    this.privateKey = read("arena.auth.signing-key-file", file);
    publish(privateKey);
    this.id = published.getFirst().getKeyId();
    if (config.nextKeyFile().isPresent()) {
      publish(read("arena.auth.next-key-file", config.nextKeyFile().get()));
    }
    for (Path previous : config.previousKeyFiles().orElse(List.of())) {
      publish(read("arena.auth.previous-key-files", previous));
    }
  }

  private void publish(RSAPrivateCrtKey key) throws GeneralSecurityException {
    RSAPublicKeySpec spec = new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent());
    RsaJsonWebKey web =
        new RsaJsonWebKey((RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(spec));
    web.setKeyId(web.calculateBase64urlEncodedThumbprint("SHA-256"));
    web.setAlgorithm("RS256");
    web.setUse("sig");
    // one key may be named twice in the middle of a rotation
    if (published.stream().noneMatch(known -> known.getKeyId().equals(web.getKeyId()))) {
      published.add(web);
    }
  }

  PrivateKey privateKey() {
    return privateKey;
  }

  String id() {
    return id;
  }

  /** The public halves, as JWKS shows them: the signing key first. */
  List<JsonWebKey> published() {
    return List.copyOf(published);
  }

  private static RSAPrivateCrtKey read(String setting, Path file)
      throws IOException, GeneralSecurityException {
    if (!Files.isReadable(file)) {
      throw new IllegalStateException(
          setting
              + ": cannot read "
              + file
              + "; make a key with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048`");
    }
    byte[] der;
    try {
      der =
          Base64.getMimeDecoder()
              .decode(Files.readString(file).replaceAll("-----(BEGIN|END) PRIVATE KEY-----", ""));
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(setting + ": " + file + " is no PEM", e);
    }
    if (KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der))
            instanceof RSAPrivateCrtKey key
        && key.getModulus().bitLength() >= MIN_BITS) {
      return key;
    }
    throw new IllegalStateException(
        setting + ": " + file + " needs an RSA key of 2048 bits or more");
  }

  private static void create(Path file) throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(MIN_BITS);
    byte[] der = generator.generateKeyPair().getPrivate().getEncoded();
    String pem =
        "-----BEGIN PRIVATE KEY-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
            + "\n-----END PRIVATE KEY-----\n";
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    // renamed into place, so that a process that dies here leaves no half a key
    Path fresh =
        Files.createTempFile(
            folder,
            "key",
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(fresh, pem);
    Files.move(fresh, file);
  }
}
