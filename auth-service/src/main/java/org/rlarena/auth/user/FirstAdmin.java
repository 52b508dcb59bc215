package org.rlarena.auth.user;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jboss.logging.Logger;
import org.rlarena.auth.AuthConfig;
import org.rlarena.outbox.SchemaMigration;

/**
 * Opens the account of the first administrator when there is none, in the background once the
 * database answers. An account that exists is never promoted: somebody else may have taken the
 * name.
 */
@ApplicationScoped
class FirstAdmin {

  private static final Logger LOG = Logger.getLogger(FirstAdmin.class);

  private final AuthConfig config;
  private final SchemaMigration schema;
  private final Accounts accounts;
  private final Passwords passwords;
  private final PasswordPolicy policy;

  FirstAdmin(
      AuthConfig config,
      SchemaMigration schema,
      Accounts accounts,
      Passwords passwords,
      PasswordPolicy policy) {
    this.config = config;
    this.schema = schema;
    this.accounts = accounts;
    this.passwords = passwords;
    this.policy = policy;
  }

  void start(@Observes StartupEvent event) {
    config
        .firstAdmin()
        .ifPresent(
            wanted -> {
              String password = password(wanted, policy);
              Thread.ofPlatform().daemon().name("first-admin").start(() -> open(wanted, password));
            });
  }

  /** An unusable password stops the start, before anybody relies on it. */
  static String password(AuthConfig.FirstAdmin wanted, PasswordPolicy policy) {
    if (wanted.password().isPresent() == wanted.passwordFile().isPresent()) {
      throw unusable(
          "password-file", "set either this or arena.auth.first-admin.password, and not both");
    }
    String setting = wanted.password().isPresent() ? "password" : "password-file";
    String password = wanted.password().orElseGet(() -> read(wanted.passwordFile().get()));
    if (password.length() < PasswordPolicy.SHORTEST
        || password.length() > AuthResource.MAX_PASSWORD) {
      throw unusable(setting, "needs a password of 8 to 256 characters");
    }
    try {
      policy.check(password, wanted.username(), wanted.email());
    } catch (HttpProblem refused) {
      throw unusable(setting, refused.getDetail());
    }
    return password;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      throw unusable("password-file", "there is no file " + file);
    } catch (IOException e) {
      throw unusable("password-file", "cannot be read: " + e);
    }
  }

  private static IllegalStateException unusable(String setting, String why) {
    return new IllegalStateException("arena.auth.first-admin." + setting + ": " + why);
  }

  private void open(AuthConfig.FirstAdmin wanted, String password) {
    try {
      schema.await();
      if (accounts.hasAdmin()) {
        return;
      }
      accounts.openAdmin(
          new Accounts.NewAccount(wanted.username(), wanted.email(), passwords.hash(password), ""));
      LOG.infof("The first administrator is %s", wanted.username());
    } catch (HttpProblem e) {
      // another replica was faster, or the name belongs to somebody
      if (!accounts.hasAdmin()) {
        LOG.errorf(
            "There is no administrator, and %s cannot be the first: %s",
            wanted.username(), e.getMessage());
      }
    } catch (IllegalStateException e) {
      LOG.debug("Stopped before the database answered", e);
    }
  }
}
