package org.rlarena.objects;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.ResponseBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/**
 * Objects of one S3 bucket. An object is put by a single request that names its length and digest,
 * so the server has all of it or none, and what was broken off leaves no parts behind.
 */
final class BucketStore implements ObjectStore {

  /** Slower than this, a transfer is broken off: the caller's request would be by then. */
  private static final long BYTES_PER_SECOND = 1 << 20;

  private static final Duration GRACE = Duration.ofSeconds(15);
  private static final int TRIES_WITHIN_CALL = 2;

  private final S3Client client;
  private final S3Presigner presigner;
  private final String bucket;
  private final String prefix;
  private final String encryption;
  private final String kmsKey;

  BucketStore(S3Client client, S3Presigner presigner, ObjectsConfig.S3 config) {
    this.client = client;
    this.presigner = presigner;
    this.bucket = config.bucket().orElseThrow();
    this.prefix = config.prefix().orElse("");
    this.encryption = config.encryption().orElse(null);
    this.kmsKey = config.kmsKey().orElse(null);
  }

  @Override
  public void put(String key, Path file, String sha256) throws IOException {
    Duration limit = GRACE.plusSeconds(Files.size(file) / BYTES_PER_SECOND);
    PutObjectRequest request =
        PutObjectRequest.builder()
            .bucket(bucket)
            .key(prefix + key)
            .checksumSHA256(Base64.getEncoder().encodeToString(HexFormat.of().parseHex(sha256)))
            .serverSideEncryption(encryption)
            .ssekmsKeyId(kmsKey)
            .overrideConfiguration(
                call ->
                    call.apiCallAttemptTimeout(limit)
                        .apiCallTimeout(limit.multipliedBy(TRIES_WITHIN_CALL)))
            .build();
    asked(() -> againIfCut(() -> client.putObject(request, RequestBody.fromFile(file))));
  }

  @Override
  public Optional<StoredContent> find(String key) {
    try {
      long bytes = client.headObject(head -> head.bucket(bucket).key(prefix + key)).contentLength();
      return Optional.of(new S3Content(key, bytes));
    } catch (S3Exception e) {
      if (e.statusCode() != 404) {
        throw unavailable(e);
      }
      requireBucket(); // the answer to such a question has no body that could tell which is missing
      return Optional.empty();
    } catch (SdkException | UncheckedIOException e) {
      throw unavailable(e);
    }
  }

  @Override
  public List<Listed> list(String folder) {
    ListObjectsV2Request request =
        ListObjectsV2Request.builder()
            .bucket(bucket)
            .prefix(prefix + folder)
            .delimiter("/")
            .build();
    return asked(
        () ->
            client.listObjectsV2Paginator(request).contents().stream()
                .map(o -> new Listed(o.key().substring(prefix.length()), o.lastModified()))
                .toList());
  }

  @Override
  public void delete(String key) {
    asked(() -> client.deleteObject(request -> request.bucket(bucket).key(prefix + key)));
  }

  @Override
  public String location(String key, Duration validity) {
    GetObjectRequest get = GetObjectRequest.builder().bucket(bucket).key(prefix + key).build();
    return asked(
        () ->
            presigner
                .presignGetObject(sign -> sign.signatureDuration(validity).getObjectRequest(get))
                .url()
                .toString());
  }

  /**
   * Finds out whether the bucket can be used.
   *
   * @throws ObjectsUnavailable if not, with a sentence that says what to do
   */
  void requireBucket() {
    asked(() -> client.headBucket(head -> head.bucket(bucket)));
  }

  private ResponseInputStream<GetObjectResponse> get(String key, String range) {
    return asked(
        () -> client.getObject(request -> request.bucket(bucket).key(prefix + key).range(range)));
  }

  private <T> T asked(Supplier<T> question) {
    try {
      return question.get();
    } catch (SdkException | UncheckedIOException e) {
      throw unavailable(e);
    }
  }

  /**
   * The client asks again after what it takes for a passing fault. A connection that breaks while
   * the body is sent is none to it: it lets that exception through as it came.
   */
  private static <T> T againIfCut(Supplier<T> question) {
    try {
      return question.get();
    } catch (UncheckedIOException cut) {
      return question.get();
    }
  }

  private ObjectsUnavailable unavailable(RuntimeException e) {
    return new ObjectsUnavailable(sentence(e), e);
  }

  private String sentence(RuntimeException e) {
    if (e instanceof NoSuchBucketException
        || e instanceof S3Exception s3 && s3.statusCode() == 404) {
      return "The bucket %s does not exist. Make it, or correct arena.objects.s3.bucket."
          .formatted(bucket);
    }
    if (e instanceof S3Exception s3) {
      return switch (s3.statusCode()) {
        case 301, 307, 400 ->
            "The bucket %s refuses the request: check arena.objects.s3.region and .endpoint."
                .formatted(bucket);
        case 401, 403 ->
            "The bucket %s refuses these credentials. Check them, and the bucket's policy."
                .formatted(bucket);
        default -> "The bucket %s answers with status %d.".formatted(bucket, s3.statusCode());
      };
    }
    if (e instanceof SdkClientException && String.valueOf(e.getMessage()).contains("credentials")) {
      return "There are no credentials for the bucket %s.".formatted(bucket);
    }
    return "The bucket %s cannot be reached. Check arena.objects.s3.endpoint and the network."
        .formatted(bucket);
  }

  /** An object, of which nothing is read before somebody asks for it. */
  private final class S3Content implements StoredContent {

    private final String key;
    private final long bytes;

    S3Content(String key, long bytes) {
      this.key = key;
      this.bytes = bytes;
    }

    @Override
    public long bytes() {
      return bytes;
    }

    @Override
    public InputStream open() {
      return new BucketStream(() -> get(key, null), bytes);
    }

    @Override
    public void copyTo(Path file) throws IOException {
      try (InputStream in = open()) {
        Files.copy(in, file);
      }
    }

    @Override
    public ResponseBuilder into(ResponseBuilder answer) {
      return answer.entity(open()).header(HttpHeaders.CONTENT_LENGTH, bytes);
    }

    @Override
    public ResponseBuilder into(ResponseBuilder answer, long first, long count) {
      String range = "bytes=%d-%d".formatted(first, first + count - 1);
      return answer
          .entity(new BucketStream(() -> get(key, range), count))
          .header(HttpHeaders.CONTENT_LENGTH, count);
    }
  }
}
