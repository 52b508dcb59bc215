package org.rlarena.access;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The scope that the token of a program, got for an API token, needs for a method that users may
 * call. Without this annotation reading (GET, HEAD) needs {@link #READ}, and nothing else is
 * allowed to programs. Tokens of a log-in need no scope.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface TokenScope {

  /** To read whatever the user may read. */
  String READ = "read";

  /** To create, change and delete agents. */
  String AGENTS_WRITE = "agents:write";

  /** To upload, activate and rebuild versions. */
  String SUBMISSIONS_WRITE = "submissions:write";

  /** To ask for matches. */
  String MATCHES_WRITE = "matches:write";

  /** No scope opens this: it is for people who have logged in. */
  String NEVER = "";

  /** One of the constants. */
  String value();
}
