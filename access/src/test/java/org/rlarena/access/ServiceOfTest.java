package org.rlarena.access;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.TestInfra;

/** What every test of the made-up service needs; the same everywhere, so that it starts once. */
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "access"))
@WithTestResource(TestKeys.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface ServiceOfTest {}
