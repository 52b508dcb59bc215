package org.rlarena.webhook.hooks;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Which addresses belong to the public internet. Everything that IANA's special-purpose registries
 * (RFC 6890 and its followers) set aside is refused, and of IPv6 all but global unicast: who may
 * name an address here must not reach this machine, its neighbours, or a cloud's metadata.
 */
public final class PublicAddress {

  private static final List<Range> REFUSED =
      List.of(
          Range.of("0.0.0.0", 8), // this network
          Range.of("10.0.0.0", 8), // private
          Range.of("100.64.0.0", 10), // carriers' NAT
          Range.of("127.0.0.0", 8), // loopback
          Range.of("169.254.0.0", 16), // link-local, cloud metadata
          Range.of("172.16.0.0", 12), // private
          Range.of("192.0.0.0", 24), // protocol assignments
          Range.of("192.0.2.0", 24), // documentation
          Range.of("192.88.99.0", 24), // 6to4 relays
          Range.of("192.168.0.0", 16), // private
          Range.of("198.18.0.0", 15), // benchmarks
          Range.of("198.51.100.0", 24), // documentation
          Range.of("203.0.113.0", 24), // documentation
          Range.of("224.0.0.0", 4), // multicast
          Range.of("240.0.0.0", 4), // reserved, broadcast
          Range.of("2001::", 23), // Teredo, ORCHID and other protocols
          Range.of("2001:db8::", 32), // documentation
          Range.of("2002::", 16), // 6to4: an IPv4 address inside
          Range.of("3fff::", 20)); // documentation

  /** Of IPv6, what is not in here is refused: loopback, mapped IPv4, NAT64, ULA, link-local. */
  private static final Range GLOBAL_UNICAST = Range.of("2000::", 3);

  private PublicAddress() {}

  /** Whether anybody on the internet may be there. */
  public static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    return (address instanceof Inet4Address || GLOBAL_UNICAST.holds(bytes))
        && REFUSED.stream().noneMatch(range -> range.holds(bytes));
  }

  private record Range(byte[] prefix, int bits) {

    static Range of(String address, int bits) {
      try {
        // a literal: nothing is looked up
        return new Range(InetAddress.getByName(address).getAddress(), bits);
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException(address, e);
      }
    }

    boolean holds(byte[] address) {
      if (address.length != prefix.length) {
        return false;
      }
      for (int bit = 0; bit < bits; bit++) {
        int mask = 0x80 >> (bit % 8);
        if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
          return false;
        }
      }
      return true;
    }
  }
}
