package org.rlarena.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.internal.ExtendedSpanProcessor;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * Keeps out of spans what the instrumentation of HTTP notes by itself: who called (addresses,
 * browsers) and query strings, which carry tickets, tokens and signatures. The SDK can overwrite an
 * attribute but not remove one.
 */
@Singleton
class Discretion implements ExtendedSpanProcessor {

  private static final String WITHHELD = "withheld";
  private static final List<AttributeKey<String>> WITHHELD_KEYS =
      List.of(
          AttributeKey.stringKey("url.query"),
          AttributeKey.stringKey("client.address"),
          AttributeKey.stringKey("network.peer.address"),
          AttributeKey.stringKey("user_agent.original"));
  private static final AttributeKey<String> URL = AttributeKey.stringKey("url.full");

  @Override
  public boolean isOnEndingRequired() {
    return true;
  }

  /** The last moment before exporters see it: some attributes come with the answer. */
  @Override
  public void onEnding(ReadWriteSpan span) {
    for (AttributeKey<String> key : WITHHELD_KEYS) {
      if (span.getAttribute(key) != null) {
        span.setAttribute(key, WITHHELD);
      }
    }
    String url = span.getAttribute(URL);
    if (url != null && url.indexOf('?') >= 0) {
      span.setAttribute(URL, url.substring(0, url.indexOf('?')));
    }
  }

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onStart(Context parent, ReadWriteSpan span) {
    // nothing to do yet
  }

  @Override
  public boolean isEndRequired() {
    return false;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    // too late to change it
  }
}
