package org.rlarena.match.replays;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.rlarena.match.MatchError;
import org.rlarena.match.matches.StoredObject;
import org.rlarena.objects.StoredContent;

/**
 * How one request wants an object: all of it or a range, as it is or compressed, or only if it is
 * another than the client has. RFC 9110 sections 8.8.3, 12.5.3, 13 and 14. A range is of the object
 * as it is stored, never of its compressed form.
 */
class Delivery {

  /** Below this, compression saves nothing worth the work. */
  private static final long WORTH_COMPRESSING = 1024;

  private static final Pattern GZIP =
      Pattern.compile("(?:gzip|x-gzip|\\*)(?:\\s*;\\s*q=([0-9.]{1,5}))?", Pattern.CASE_INSENSITIVE);

  /** One range; several at once are answered in full, which every client has to expect. */
  private static final Pattern RANGE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

  private final HttpHeaders request;

  Delivery(HttpHeaders request) {
    this.request = request;
  }

  /** Begins the answer with a stored object. */
  Response.ResponseBuilder of(
      StoredContent content, StoredObject object, String type, Date writtenAt) {
    String tag = '"' + object.sha256().substring(0, 32) + '"';
    String gzipTag = tag.substring(0, tag.length() - 1) + "-gzip\"";
    Optional<String> known = header(HttpHeaders.IF_NONE_MATCH);
    if (known.filter(k -> k.equals("*") || k.contains(tag) || k.contains(gzipTag)).isPresent()) {
      boolean compressed = known.get().contains(gzipTag);
      return describe(Response.notModified(), compressed ? gzipTag : tag, writtenAt);
    }
    Optional<Matcher> range = range(tag, writtenAt);
    if (range.isPresent()) {
      return part(content, object, type, range.get(), tag, writtenAt);
    }
    if (wantsGzip() && object.bytes() >= WORTH_COMPRESSING) {
      StreamingOutput copy =
          out -> {
            try (InputStream in = content.open()) {
              in.transferTo(out);
            }
          };
      return describe(compressed(copy, type), gzipTag, writtenAt);
    }
    return describe(content.into(Response.ok().type(type)), tag, writtenAt);
  }

  /** Begins the answer with what is made on the way, of which there are no ranges. */
  Response.ResponseBuilder of(StreamingOutput made, String type) {
    return (wantsGzip() ? compressed(made, type) : Response.ok(made, type))
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
  }

  private static Response.ResponseBuilder part(
      StoredContent content,
      StoredObject object,
      String type,
      Matcher range,
      String tag,
      Date writtenAt) {
    long length = object.bytes();
    long first = number(range.group(1), -1);
    long last = Math.min(number(range.group(2), length - 1), length - 1);
    if (first < 0) { // the last so many bytes
      first = Math.max(0, length - number(range.group(2), 0));
      last = length - 1;
    }
    if (first > last) {
      Response refusal =
          MatchError.RANGE_NOT_SATISFIABLE
              .because("The replay has %d bytes; ask for a range of these.".formatted(length))
              .toResponse();
      return Response.fromResponse(refusal).header("Content-Range", "bytes */" + length);
    }
    return describe(
        content
            .into(
                Response.status(Response.Status.PARTIAL_CONTENT).type(type),
                first,
                last - first + 1)
            .header("Content-Range", "bytes %d-%d/%d".formatted(first, last, length)),
        tag,
        writtenAt);
  }

  /** The range that is asked for, unless it is to be of another state of the object. */
  private Optional<Matcher> range(String tag, Date writtenAt) {
    boolean same = header("If-Range").map(s -> s.equals(tag) || isTime(s, writtenAt)).orElse(true);
    return header("Range")
        .filter(range -> same)
        .map(RANGE::matcher)
        .filter(range -> range.matches() && isRange(range));
  }

  private static boolean isTime(String httpDate, Date writtenAt) {
    try {
      // it counts whole seconds
      return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(httpDate))
          .equals(writtenAt.toInstant().truncatedTo(ChronoUnit.SECONDS));
    } catch (DateTimeException e) {
      return false;
    }
  }

  private static boolean isRange(Matcher range) {
    String first = range.group(1);
    String last = range.group(2);
    if (first.isEmpty()) {
      return !last.isEmpty();
    }
    return last.isEmpty() || Long.parseLong(first) <= Long.parseLong(last);
  }

  private boolean wantsGzip() {
    return header(HttpHeaders.ACCEPT_ENCODING).stream()
        .flatMap(value -> Pattern.compile(",").splitAsStream(value))
        .map(coding -> GZIP.matcher(coding.strip()))
        .anyMatch(coding -> coding.matches() && !isZero(coding.group(1)));
  }

  private static boolean isZero(String weight) {
    return weight != null && weight.matches("[0.]+");
  }

  private static Response.ResponseBuilder compressed(StreamingOutput plain, String type) {
    StreamingOutput packed =
        out -> {
          try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            plain.write(gzip);
          }
        };
    return Response.ok(packed, type).header(HttpHeaders.CONTENT_ENCODING, "gzip");
  }

  private static Response.ResponseBuilder describe(
      Response.ResponseBuilder answer, String tag, Date writtenAt) {
    return answer
        .header(HttpHeaders.ETAG, tag)
        .header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING)
        .header("Accept-Ranges", "bytes")
        .lastModified(writtenAt);
  }

  private Optional<String> header(String name) {
    return Optional.ofNullable(request.getHeaderString(name));
  }

  private static long number(String digits, long absent) {
    return digits.isEmpty() ? absent : Long.parseLong(digits);
  }
}
