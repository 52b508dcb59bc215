package org.rlarena.build;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "org.rlarena.build", importOptions = ImportOption.OnlyIncludeTests.class)
class RealBrokerTest {

  @ArchTest
  static final ArchRule TESTS_USE_A_REAL_BROKER =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.smallrye.reactive.messaging.memory..");
}
