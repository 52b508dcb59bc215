package org.rlarena.access;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agroal.api.AgroalDataSource;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Lets clients repeat a creation for want of an answer, without creating twice: the header {@code
 * Idempotency-Key} of draft-ietf-httpapi-idempotency-key-header. The answer is kept in the
 * transaction of the creation, so that a process that dies in between leaves neither or both. Keys
 * are a user's own and hold for a day; what was refused is not kept and may be tried again. For
 * services whose change log includes {@code db/repeats.yaml}.
 */
@ApplicationScoped
public class RepeatedRequests {

  /** The header by which a client names a request. */
  public static final String KEY = "Idempotency-Key";

  /** What keys are like; quotes around one do not count, and an empty one is none. */
  public static final String PATTERN = "^(\"[!#-\\[\\]-~]{1,255}\"|[!#-\\[\\]-~]{0,255})$";

  /** The header of an answer that was given before. */
  static final String REPLAYED = "Idempotent-Replayed";

  /** How long an answer is kept, in SQL. */
  private static final String KEPT = "interval '24 hours'";

  private static final int LONGEST_KEY = 255;

  /** Unprocessable Content; the enumeration of JAX-RS does not have it. */
  private static final int UNPROCESSABLE = 422;

  private final AgroalDataSource dataSource;
  private final ObjectMapper json;

  RepeatedRequests(AgroalDataSource dataSource, ObjectMapper json) {
    this.dataSource = dataSource;
    this.json = json;
  }

  /**
   * One request that may have been made before.
   *
   * @param key as the client named it; null when it did not
   * @param fingerprint of what is asked for
   */
  private record Asked(UUID user, String key, String fingerprint) {}

  /** Runs the creation that a request asks for, unless it was answered already. */
  public interface Creation {

    /**
     * Creates once, in the running transaction, which it keeps the answer in.
     *
     * @param answer makes the answer that is sent and kept; its entity is written as JSON
     * @throws AlreadyAnswered when a repeat of this request was faster
     * @throws HttpProblem {@code request_in_flight} or {@code idempotency_key_reused}
     */
    <T> T once(Supplier<T> creation, Function<T, Response> answer);
  }

  /**
   * Reads a request's key, and looks whether the request was answered before.
   *
   * @param key value of the header, null or empty when there is none
   * @param operation what is asked for, such as {@code POST /agents}
   * @param content everything that makes this request another one than the next
   * @throws AlreadyAnswered when it was
   * @throws HttpProblem {@code invalid_idempotency_key} or {@code idempotency_key_reused}
   */
  public Creation of(String key, UUID user, String operation, Object content) {
    if (key == null || key.isEmpty()) {
      return new Creation() {
        @Override
        public <T> T once(Supplier<T> creation, Function<T, Response> answer) {
          return creation.get();
        }
      };
    }
    Asked asked = new Asked(user, plain(key), fingerprint(operation, content));
    refuseAnswered(asked);
    return new Creation() {
      @Override
      public <T> T once(Supplier<T> creation, Function<T, Response> answer) {
        lock(asked);
        // whoever held the lock may have answered since
        refuseAnswered(asked);
        T made = creation.get();
        keep(asked, answer.apply(made));
        return made;
      }
    };
  }

  private void refuseAnswered(Asked asked) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select fingerprint, status, location, body from answered_request"
                    + " where user_id = ? and key = ? and answered_at > now() - "
                    + KEPT)) {
      statement.setObject(1, asked.user);
      statement.setString(2, asked.key);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          return;
        }
        if (!row.getString("fingerprint").equals(asked.fingerprint)) {
          throw refused(
              UNPROCESSABLE,
              "Unprocessable Content",
              "idempotency_key_reused",
              "You have sent another request with this Idempotency-Key; choose a new key for it.");
        }
        throw new AlreadyAnswered(replay(row));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("answered request not read", e);
    }
  }

  private static Response replay(ResultSet row) throws SQLException {
    Response.ResponseBuilder answer =
        Response.status(row.getInt("status"))
            .type(MediaType.APPLICATION_JSON)
            .entity(row.getString("body").getBytes(StandardCharsets.UTF_8))
            .header(REPLAYED, "true");
    String location = row.getString("location");
    return (location == null ? answer : answer.header(HttpHeaders.LOCATION, location)).build();
  }

  /** Held until the transaction ends, however it does. */
  private void lock(Asked asked) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                "select pg_try_advisory_xact_lock(hashtextextended(?, 0))")) {
      statement.setString(1, "request " + asked.key + " of " + asked.user);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (!row.getBoolean(1)) {
          throw refused(
              Response.Status.CONFLICT.getStatusCode(),
              Response.Status.CONFLICT.getReasonPhrase(),
              "request_in_flight",
              "A request with this Idempotency-Key is being answered; repeat it in a moment.");
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("request not locked", e);
    }
  }

  private void keep(Asked asked, Response answer) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                insert into answered_request
                  (user_id, key, fingerprint, status, location, body, answered_at)
                values (?, ?, ?, ?, ?, ?, now())
                on conflict (user_id, key) do update set fingerprint = excluded.fingerprint,
                  status = excluded.status, location = excluded.location, body = excluded.body,
                  answered_at = excluded.answered_at
                """);
        PreparedStatement forget =
            connection.prepareStatement(
                "delete from answered_request where (user_id, key) in (select user_id, key"
                    + " from answered_request where answered_at < now() - "
                    + KEPT
                    + " order by answered_at limit 100 for update skip locked)")) {
      statement.setObject(1, asked.user);
      statement.setString(2, asked.key);
      statement.setString(3, asked.fingerprint);
      statement.setInt(4, answer.getStatus());
      statement.setString(5, answer.getHeaderString(HttpHeaders.LOCATION));
      // the very bytes that are sent now: a string would escape other characters
      statement.setString(
          6, new String(json.writeValueAsBytes(answer.getEntity()), StandardCharsets.UTF_8));
      statement.executeUpdate();
      forget.executeUpdate();
    } catch (SQLException | JsonProcessingException e) {
      throw new IllegalStateException("answer not kept", e);
    }
  }

  /** The draft wants a quoted string; many clients send the bare one. */
  private static String plain(String key) {
    boolean quoted = key.length() > 2 && key.startsWith("\"") && key.endsWith("\"");
    String plain = quoted ? key.substring(1, key.length() - 1) : key;
    if (plain.isEmpty()
        || plain.length() > LONGEST_KEY
        || !plain.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\')) {
      throw refused(
          Response.Status.BAD_REQUEST.getStatusCode(),
          Response.Status.BAD_REQUEST.getReasonPhrase(),
          "invalid_idempotency_key",
          "Send an Idempotency-Key of 1 to 255 letters, digits and signs, such as a UUID.");
    }
    return plain;
  }

  private String fingerprint(String operation, Object content) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(operation.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      return HexFormat.of().formatHex(digest.digest(json.writeValueAsBytes(content)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no JSON: " + content.getClass(), e);
    }
  }

  private static HttpProblem refused(int status, String title, String code, String sentence) {
    HttpProblem.Builder problem =
        HttpProblem.builder()
            .withStatus(status)
            .withTitle(title)
            .withDetail(sentence)
            .with("code", code);
    return (status == Response.Status.CONFLICT.getStatusCode()
            ? problem.withHeader(HttpHeaders.RETRY_AFTER, "1")
            : problem)
        .build();
  }
}
