package org.rlarena.gateway.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class DescriptionTest {

  private static JsonNode paths() throws Exception {
    return new ObjectMapper()
        .readTree(
            """
            {"/agents": {"get": {}, "post": {}, "parameters": []},
             "/agents/{id}": {"get": {}, "put": {}, "delete": {}},
             "/agents/my": {"get": {}},
             "/files/{id}.json": {"get": {}}}
            """);
  }

  @Test
  void shouldFindTheMethodsOfAPath() throws Exception {
    assertThat(Description.methodsOf(paths(), "/agents")).containsExactly("GET", "POST");
    assertThat(Description.methodsOf(paths(), "/agents/7")).containsExactly("DELETE", "GET", "PUT");
    assertThat(Description.methodsOf(paths(), "/files/7.json")).containsExactly("GET");
  }

  @Test
  void shouldPreferWhatIsSpeltOut() throws Exception {
    assertThat(Description.methodsOf(paths(), "/agents/my")).containsExactly("GET");
  }

  @Test
  void shouldKnowNoMethodsOfOtherPaths() throws Exception {
    assertThat(Description.methodsOf(paths(), "/agents/7/stats")).isEmpty();
    assertThat(Description.methodsOf(paths(), "/files/7.html")).isEmpty();
  }
}
