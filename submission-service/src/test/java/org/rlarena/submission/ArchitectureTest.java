package org.rlarena.submission;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "org.rlarena.submission")
class ArchitectureTest {

  @ArchTest
  static final ArchRule FEATURES_FORM_NO_CYCLES =
      slices().matching("org.rlarena.submission.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_THE_OUTBOX_SENDS =
      noClasses()
          .that()
          .resideInAPackage("org.rlarena.submission..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.apache.kafka.clients.producer.KafkaProducer")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.eclipse.microprofile.reactive.messaging.Emitter");

  @ArchTest
  static final ArchRule EVENTS_ARE_TESTED_THROUGH_A_REAL_BROKER =
      noClasses()
          .that()
          .haveSimpleNameEndingWith("IT")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.smallrye.reactive.messaging.memory..");
}
