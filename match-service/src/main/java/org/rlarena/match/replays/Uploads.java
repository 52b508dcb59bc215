package org.rlarena.match.replays;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.match.MatchConfig;
import org.rlarena.match.MatchError;
import org.rlarena.match.matches.Match;
import org.rlarena.match.matches.Matches;
import org.rlarena.match.matches.StoredObject;
import org.rlarena.match.replays.ReceivedFiles.Received;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.StoredContent;

/**
 * Takes what executors upload, and hands it out when a result names it. Only the attempt that holds
 * the match may upload: a late one cannot touch what was published. Dying at any point leaves an
 * object that no row names, and it is swept; the executor gets no answer and reports a fault.
 */
@ApplicationScoped
public class Uploads {

  /** Far more than the tails of all agents' output. */
  private static final long LOG_MAX_BYTES = 8L << 20;

  private final ReceivedFiles files;
  private final ObjectStore store;
  private final UploadedObjects uploaded;
  private final Matches matches;
  private final ObjectMapper json;
  private final Clock clock;
  private final long maxBytes;

  Uploads(
      ReceivedFiles files,
      ObjectStore store,
      UploadedObjects uploaded,
      Matches matches,
      ObjectMapper json,
      Clock clock,
      MatchConfig config) {
    this.files = files;
    this.store = store;
    this.uploaded = uploaded;
    this.matches = matches;
    this.json = json;
    this.clock = clock;
    this.maxBytes = config.uploadMaxBytes();
  }

  /**
   * Stores a body as the attempt's object; a repeat replaces it.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code attempt_over}, {@code
   *     upload_too_large} or {@code invalid_upload}
   */
  void accept(ObjectKind kind, UUID matchId, UUID attemptId, InputStream body) throws IOException {
    QuarkusTransaction.requiringNew()
        .run(() -> requireHeld(matches.findByIdOptional(matchId), attemptId));
    Received received = receive(kind, body);
    try {
      requireJson(kind, received);
      // Outside any transaction: a slow store must hold no connection and no match. The key is this
      // attempt's own, so nothing that another attempt has published can be replaced.
      StoredObject object = files.keep(received, kind.key(matchId, attemptId));
      QuarkusTransaction.requiringNew()
          .run(
              () -> {
                requireHeld(matches.locked(matchId), attemptId);
                uploaded.put(kind, matchId, attemptId, object, clock.instant());
              });
    } finally {
      files.drop(received);
    }
  }

  /** The attempt's JSON replay, if it was uploaded. */
  public Optional<StoredObject> replay(UUID matchId, UUID attemptId) {
    return uploaded.find(ObjectKind.REPLAY, matchId, attemptId);
  }

  /** The attempt's HTML replay, if it was uploaded. */
  public Optional<StoredObject> replayHtml(UUID matchId, UUID attemptId) {
    return uploaded.find(ObjectKind.REPLAY_HTML, matchId, attemptId);
  }

  /** What the attempt's agents printed, if it was uploaded. */
  public Optional<StoredObject> log(UUID matchId, UUID attemptId) {
    return uploaded.find(ObjectKind.LOG, matchId, attemptId);
  }

  /**
   * A replay that an executor wrote into the object store by itself, as those of the reference
   * system do.
   *
   * @param told where it says it wrote it
   * @param extension {@code .json} or {@code .html}
   */
  public Optional<StoredObject> writtenByExecutor(UUID matchId, String told, String extension) {
    String expected = "replays/" + matchId + extension;
    if (!told.equals(expected)) {
      return Optional.empty();
    }
    try {
      return describe(expected);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read replay of match " + matchId, e);
    }
  }

  private Received receive(ObjectKind kind, InputStream body) throws IOException {
    long limit = kind == ObjectKind.LOG ? Math.min(LOG_MAX_BYTES, maxBytes) : maxBytes;
    try {
      return files.receive(body, limit);
    } catch (ReceivedFiles.TooLarge e) {
      throw MatchError.UPLOAD_TOO_LARGE.because("Send at most %d bytes.".formatted(limit));
    }
  }

  private Optional<StoredObject> describe(String key) throws IOException {
    Optional<StoredContent> content = store.find(key);
    if (content.isEmpty()) {
      return Optional.empty();
    }
    MessageDigest digest = Digests.sha256();
    try (InputStream in = new DigestInputStream(content.get().open(), digest)) {
      long bytes = in.transferTo(OutputStream.nullOutputStream());
      return Optional.of(new StoredObject(key, bytes, HexFormat.of().formatHex(digest.digest())));
    }
  }

  /** What is served as JSON later must be JSON: then it is too late to refuse it. */
  private void requireJson(ObjectKind kind, Received received) throws IOException {
    if (received.bytes() == 0) {
      throw MatchError.INVALID_UPLOAD.because("Send the object as the body; it was empty.");
    }
    if (!kind.isJson()) {
      return;
    }
    try (JsonParser parser = json.createParser(received.file().toFile())) {
      boolean object = parser.nextToken() == JsonToken.START_OBJECT;
      if (object) {
        parser.skipChildren();
      }
      if (!object || parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw MatchError.INVALID_UPLOAD.because("Send a single JSON object.");
      }
    } catch (JsonProcessingException e) {
      throw MatchError.INVALID_UPLOAD.because("Send a well-formed JSON object.");
    }
  }

  private static void requireHeld(Optional<Match> match, UUID attemptId) {
    if (match.filter(m -> m.isHeldBy(attemptId)).isEmpty()) {
      throw MatchError.ATTEMPT_OVER.because("This attempt does not hold its match any more.");
    }
  }
}
