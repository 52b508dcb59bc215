package org.rlarena.webhook;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.rlarena.webhook");
  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.OnlyIncludeTests())
          .importPackages("org.rlarena.webhook");

  @Test
  void shouldHaveFeaturesWithoutCycles() {
    slices().matching("org.rlarena.webhook.(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void shouldPublishNothing() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveSimpleNameEndingWith("Emitter")
        .orShould()
        .dependOnClassesThat()
        .resideInAPackage("org.apache.kafka.clients.producer..")
        .check(MAIN);
  }

  @Test
  void shouldTestEventsOnARealBroker() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.smallrye.reactive.messaging.memory..")
        .allowEmptyShould(true)
        .check(TESTS);
  }
}
