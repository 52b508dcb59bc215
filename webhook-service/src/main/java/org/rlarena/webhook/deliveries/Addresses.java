package org.rlarena.webhook.deliveries;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.rlarena.webhook.hooks.HookUrls;
import org.rlarena.webhook.hooks.PublicAddress;

/** Looks up where a hook is, at the moment of connection, and refuses what is not public. */
@ApplicationScoped
class Addresses {

  private final HookUrls urls;

  Addresses(HookUrls urls) {
    this.urls = urls;
  }

  /**
   * The address to connect to. All addresses of a name must be public, so that none is reached by
   * asking often enough; the host may be an operator's trusted one.
   */
  InetAddress of(String host, Duration timeout) throws AddressRefused, InterruptedException {
    InetAddress[] found = lookUp(HookUrls.bare(host), timeout);
    if (!urls.isTrusted(host)) {
      for (InetAddress address : found) {
        if (!PublicAddress.isPublic(address)) {
          throw new AddressRefused("The host has an address that is not on the public internet.");
        }
      }
    }
    return found[0];
  }

  private static InetAddress[] lookUp(String host, Duration timeout)
      throws AddressRefused, InterruptedException {
    CompletableFuture<InetAddress[]> answer = new CompletableFuture<>();
    // the platform's look-up knows no time limit of its own
    Thread.ofVirtual()
        .name("look-up-" + host)
        .start(
            () -> {
              try {
                answer.complete(InetAddress.getAllByName(host));
              } catch (UnknownHostException | RuntimeException e) {
                answer.completeExceptionally(e);
              }
            });
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new AddressRefused("The host's address could not be looked up in time.");
    } catch (ExecutionException e) {
      throw new AddressRefused("The host has no address.");
    }
  }
}
