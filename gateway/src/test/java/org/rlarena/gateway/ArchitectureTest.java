package org.rlarena.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "org.rlarena.gateway")
class ArchitectureTest {

  @ArchTest
  static final ArchRule FEATURES_FORM_NO_CYCLES =
      slices().matching("org.rlarena.gateway.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule GATEWAY_OWNS_NO_DATA =
      noClasses().should().dependOnClassesThat().resideInAnyPackage("javax.sql..", "java.sql..");
}
