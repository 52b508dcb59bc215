package org.rlarena.match;

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
          .importPackages("org.rlarena.match");
  private static final JavaClasses TESTS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.OnlyIncludeTests())
          .importPackages("org.rlarena.match");

  @Test
  void shouldHaveNoCyclesBetweenFeatures() {
    slices().matching("org.rlarena.match.(*)..").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void shouldLetOnlyExecutionKnowTheExecutorsProtocol() {
    noClasses()
        .that()
        .resideOutsideOfPackages("..match.play..", "..match.executors..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.rlarena.executor..", "io.grpc..")
        .check(MAIN);
  }

  @Test
  void shouldPublishThroughTheOutboxAlone() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("org.eclipse.microprofile.reactive.messaging.Emitter")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("org.apache.kafka.clients.producer.KafkaProducer")
        .check(MAIN);
  }

  @Test
  void shouldNotUseInMemoryChannelsInTests() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.smallrye.reactive.messaging.memory..")
        .check(TESTS);
  }
}
