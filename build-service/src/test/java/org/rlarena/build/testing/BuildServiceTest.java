package org.rlarena.build.testing;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.TestInfra;

/** The whole service on a real broker and database; all classes of a phase share one start. */
@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "build_service"))
@WithTestResource(TestKeys.class)
@WithTestResource(TestEnvironment.class)
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface BuildServiceTest {}
