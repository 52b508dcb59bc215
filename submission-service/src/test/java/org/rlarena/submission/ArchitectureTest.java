package org.rlarena.submission;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.quarkus.runtime.annotations.RegisterForReflection;

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

  /** Native images know only what is registered; the named ones are no JSON. */
  @ArchTest
  static final ArchRule JSON_TYPES_ARE_REGISTERED_FOR_REFLECTION =
      classes()
          .that()
          .resideInAnyPackage("..agents..", "..versions..")
          .and()
          .areRecords()
          .and()
          .areNotPrivate()
          .and()
          .haveNameNotMatching(".*(PageRequest|SourceFile|PropertiesTest.Action)")
          .should()
          .beAnnotatedWith(RegisterForReflection.class);
}
