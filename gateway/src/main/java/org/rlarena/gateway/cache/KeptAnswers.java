package org.rlarena.gateway.cache;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Answers by path and query, each for a short time; bounded by number and bytes, the least used go
 * first. Who asks for what is being fetched waits for that. An answer that was asked for before a
 * change is not kept after it. Thread-safe.
 */
public class KeptAnswers {

  private final long lifetimeNanos;
  private final int most;
  private final long mostBytes;
  private final LongSupplier clock;
  private final LinkedHashMap<String, Kept> kept = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  /** So many answers of so many bytes together, each for so long. */
  public KeptAnswers(Duration lifetime, int most, long mostBytes) {
    this(lifetime.toNanos(), most, mostBytes, System::nanoTime);
  }

  KeptAnswers(long lifetimeNanos, int most, long mostBytes, LongSupplier clock) {
    this.lifetimeNanos = lifetimeNanos;
    this.most = most;
    this.mostBytes = mostBytes;
    this.clock = clock;
  }

  /**
   * An answer that can be sent again.
   *
   * @param etag strong, with its quotes
   */
  public record Answer(Buffer body, String contentType, String etag) {

    /** An answer with the tag of its body. */
    public static Answer of(Buffer body, String contentType) {
      try {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(body.getBytes());
        String tag = Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        return new Answer(body, contentType, '"' + tag.substring(0, 22) + '"');
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e); // every JDK has it
      }
    }

    /**
     * Sends it, or 304 to who has it; does nothing if the client has gone. Browsers may keep it,
     * and ask each time whether it is still the same.
     *
     * @param cacheControl value of that header
     */
    public void send(RoutingContext context, CharSequence cacheControl) {
      HttpServerResponse response = context.response();
      if (response.closed()) {
        return;
      }
      response.putHeader(HttpHeaders.ETAG, etag).putHeader(HttpHeaders.CACHE_CONTROL, cacheControl);
      String known = context.request().getHeader(HttpHeaders.IF_NONE_MATCH);
      if (known != null && (known.equals("*") || known.contains(etag))) {
        response.setStatusCode(304).end();
        return;
      }
      response
          .putHeader(HttpHeaders.CONTENT_TYPE, contentType)
          .putHeader(HttpHeaders.CONTENT_LENGTH, String.valueOf(body.length()));
      if (context.request().method() == HttpMethod.HEAD) {
        response.end();
      } else {
        response.end(body);
      }
    }
  }

  /** The answer for a key that is there and not too old. */
  public Optional<Answer> find(String key) {
    synchronized (this) {
      Kept entry = kept.get(key);
      return entry != null && entry.answer.succeeded() && !entry.isStale(clock.getAsLong())
          ? Optional.of(entry.answer.result())
          : Optional.empty();
    }
  }

  /** The answer for a key, fetched if there is none or it is too old. */
  public Future<Answer> get(String key, Supplier<Future<Answer>> source) {
    Kept entry;
    synchronized (this) {
      entry = kept.get(key);
      if (entry != null && !entry.isStale(clock.getAsLong())) {
        return entry.answer;
      }
      drop(key);
      entry = new Kept(clock.getAsLong());
      kept.put(key, entry);
      entry.answer = source.get();
      trim();
    }
    Kept fresh = entry;
    return fresh.answer.onComplete(
        done -> {
          synchronized (this) {
            if (kept.get(key) != fresh) {
              return; // dropped meanwhile
            }
            if (done.failed()) {
              kept.remove(key);
            } else {
              fresh.size =
                  done.result().body.length() + key.getBytes(StandardCharsets.UTF_8).length;
              bytes += fresh.size;
              trim();
            }
          }
        });
  }

  /** Forgets answers, also those that are being fetched. */
  public synchronized void drop(Predicate<String> keys) {
    kept.keySet().stream().filter(keys).toList().forEach(this::drop);
  }

  /** How many are kept or being fetched. */
  public synchronized int size() {
    return kept.size();
  }

  private void drop(String key) {
    Kept gone = kept.remove(key);
    if (gone != null) {
      bytes -= gone.size;
    }
  }

  private void trim() {
    while (kept.size() > most || bytes > mostBytes) {
      drop(kept.keySet().iterator().next());
    }
  }

  private final class Kept {
    private final long since;
    private Future<Answer> answer;
    private int size;

    Kept(long since) {
      this.since = since;
    }

    /** Age counts from the question: the answer may be as old as that. */
    boolean isStale(long now) {
      return answer.isComplete() && now - since >= lifetimeNanos;
    }
  }
}
