package org.rlarena.rating;

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
          .importPackages("org.rlarena.rating");
  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.OnlyIncludeTests())
          .importPackages("org.rlarena.rating");

  @Test
  void shouldHaveFeaturesWithoutCycles() {
    slices().matching("org.rlarena.rating.(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void shouldKeepTheModelFreeOfFrameworks() {
    classes()
        .that()
        .resideInAPackage("..rating.model..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "org.rlarena.rating.model..")
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
