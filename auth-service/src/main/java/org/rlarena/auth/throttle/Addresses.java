package org.rlarena.auth.throttle;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/** What counts as one place on the network. */
final class Addresses {

  private static final int PREFIX_BYTES = 8;

  private Addresses() {}

  /**
   * An IPv4 address as it is; of an IPv6 address the first 64 bits, since one household has all the
   * rest; anything else as it is. Asks no name server.
   */
  static String network(String address) {
    try {
      if (InetAddress.ofLiteral(address) instanceof Inet6Address six) {
        byte[] prefix = Arrays.copyOf(six.getAddress(), PREFIX_BYTES);
        return HexFormat.of().formatHex(prefix) + "/64";
      }
    } catch (IllegalArgumentException e) {
      // no address; it is compared as text
    }
    return address;
  }
}
