package org.rlarena.match.replays;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Date;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.match.Ids;
import org.rlarena.match.MatchError;
import org.rlarena.match.matches.Match;
import org.rlarena.match.matches.Matches;
import org.rlarena.match.matches.Participant;
import org.rlarena.match.matches.StoredObject;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.StoredContent;

/** Finds replays and puts them into answers. */
@ApplicationScoped
class Replays {

  // The page is self-contained and its text comes from strangers: it may run itself and no more.
  private static final String PAGE_POLICY =
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:;"
          + " sandbox allow-scripts";

  private final Matches matches;
  private final ObjectStore store;
  private final ObjectMapper json;
  private final ReplayNormaliser normaliser;

  Replays(Matches matches, ObjectStore store, ObjectMapper json) {
    this.matches = matches;
    this.store = store;
    this.json = json;
    this.normaliser = new ReplayNormaliser(json);
  }

  /** Shaped as web pages read it. */
  Response forPages(Replay replay, Delivery delivery) {
    StoredContent content = contentOf(replay.json);
    StreamingOutput copy =
        out -> {
          try (InputStream in = content.open()) {
            normaliser.copy(in, replay.summary, out);
          }
        };
    return delivery
        .of(copy, MediaType.APPLICATION_JSON)
        .header("X-Content-Type-Options", "nosniff")
        .build();
  }

  /** As a page to download, or to show where nothing else is. */
  Response page(Replay replay, Delivery delivery) {
    StoredObject html = replay.html.orElseThrow(Replays::notAvailable);
    return download(replay, delivery, html, "text/html;charset=UTF-8", ".html")
        .header("Content-Security-Policy", PAGE_POLICY)
        .build();
  }

  /** As the executor wrote it. */
  Response raw(Replay replay, Delivery delivery) {
    return download(replay, delivery, replay.json, MediaType.APPLICATION_JSON, ".json").build();
  }

  private Response.ResponseBuilder download(
      Replay replay, Delivery delivery, StoredObject object, String type, String extension) {
    return delivery
        .of(contentOf(object), object, type, replay.writtenAt)
        .header("Content-Disposition", "attachment; filename=replay_" + replay.matchId + extension)
        .header("Content-Description", "File Transfer")
        .header("Content-Transfer-Encoding", "binary")
        .header("X-Content-Type-Options", "nosniff");
  }

  private StoredContent contentOf(StoredObject object) {
    try {
      return store
          .find(object.key())
          .orElseThrow(
              () ->
                  MatchError.REPLAY_NOT_AVAILABLE.because("Replay file not found on this server."));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + object.key(), e);
    }
  }

  /**
   * The replay of a match.
   *
   * @param id as the caller wrote it
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code no_match_yet}, {@code invalid_id},
   *     {@code match_not_found} or {@code replay_not_available}
   */
  Replay find(String id) {
    if (id.equals("undefined") || id.equals("match_undefined")) {
      throw MatchError.NO_MATCH_YET.because(
          "There is no match yet. Wait until this agent has played.");
    }
    UUID matchId = Ids.parse("id", id);
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              Match match =
                  matches
                      .findByIdOptional(matchId)
                      .orElseThrow(
                          () ->
                              MatchError.MATCH_NOT_FOUND.because(
                                  "There is no match %s.".formatted(matchId)));
              StoredObject replay = match.replay().orElseThrow(Replays::notAvailable);
              return new Replay(
                  matchId,
                  replay,
                  match.replayHtml(),
                  Date.from(match.completedAt()),
                  summary(match));
            });
  }

  /** What the web page shows beside a replay. */
  private ObjectNode summary(Match match) {
    ObjectNode summary = json.createObjectNode();
    var scores = summary.putArray("finalScore");
    match.participants().stream().map(Participant::score).forEach(scores::add);
    match.game().ifPresent(game -> summary.put("duration", game.durationMs() / 1000.0));
    summary.put("timestamp", match.completedAt().toString());
    return summary;
  }

  static RuntimeException notAvailable() {
    return MatchError.REPLAY_NOT_AVAILABLE.because("Replay not available for this match.");
  }

  /** A replay that is there. */
  record Replay(
      UUID matchId,
      StoredObject json,
      Optional<StoredObject> html,
      Date writtenAt,
      ObjectNode summary) {}
}
