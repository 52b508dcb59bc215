package org.rlarena.objects;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** The object store, the same for all services that use it. */
@ConfigMapping(prefix = "arena.objects")
public interface ObjectsConfig {

  /** Where objects are kept. */
  @WithDefault("files")
  Backend backend();

  /**
   * With files, the folder below which objects are named by their key; with S3, the folder for what
   * is on its way there. Created if missing.
   */
  @WithDefault(".arena/objects")
  Path root();

  /** The bucket; used with {@code backend=s3} alone. */
  S3 s3();

  /** Where objects are kept. */
  enum Backend {
    FILES,
    S3
  }

  /** The bucket. Its client is {@code quarkus.s3.*}, which takes endpoint and region from here. */
  interface S3 {

    /** The server, for what is not Amazon's, such as {@code https://s3.example.org}. */
    Optional<URI> endpoint();

    /** The bucket's region; by default {@code AWS_REGION}, or else {@code us-east-1}. */
    Optional<String> region();

    /** Whether the bucket's name stands in the URL's path, which most other servers want. */
    @WithDefault("false")
    boolean pathStyle();

    /** The bucket's name, which must exist. Needed with S3. */
    Optional<String> bucket();

    /** What all keys begin with, such as {@code arena/}; nothing by default. */
    Optional<String> prefix();

    /** How the server is told to encrypt what it keeps, such as {@code AES256}; its own default. */
    Optional<String> encryption();

    /** The key for {@code encryption=aws:kms}; the account's own by default. */
    Optional<String> kmsKey();
  }
}
