package org.rlarena.auth.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {

  @Test
  void shouldTakeAHouseholdForOnePlace() {
    assertThat(Addresses.network("2001:db8:1:2:3:4:5:6"))
        .isEqualTo(Addresses.network("2001:db8:1:2::1"))
        .isNotEqualTo(Addresses.network("2001:db8:1:3::1"));
    assertThat(Addresses.network("198.51.100.7")).isNotEqualTo(Addresses.network("198.51.100.8"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "unknown", "localhost", "example.org", ":::"})
  void shouldAskNobodyAboutNames(String text) {
    assertThat(Addresses.network(text)).isEqualTo(text);
  }
}
