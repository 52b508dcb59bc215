package org.rlarena.match.replays;

import io.quarkus.test.junit.QuarkusTest;

/** With objects in files. */
@QuarkusTest
class ReplayResourceTest extends ReplayResourceCases {}
