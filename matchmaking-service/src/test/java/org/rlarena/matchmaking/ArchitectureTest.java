package org.rlarena.matchmaking;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
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
          .importPackages("org.rlarena.matchmaking");
  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.OnlyIncludeTests())
          .importPackages("org.rlarena.matchmaking");

  @Test
  void shouldHaveFeaturesWithoutCycles() {
    slices().matching("org.rlarena.matchmaking.(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void shouldKeepTheModelFreeOfFrameworks() {
    classes()
        .that()
        .resideInAPackage("..matchmaking.model..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.rlarena.matchmaking.model..")
        .check(MAIN);
  }

  @Test
  void shouldPublishThroughTheOutboxAlone() {
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
