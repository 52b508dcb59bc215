package org.rlarena.auth;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.rlarena.infra.testing.TestInfra;

/** What every test of the running service needs; the same everywhere, so that it starts once. */
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "auth_service"))
@WithTestResource(AuthSetup.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Service {}
