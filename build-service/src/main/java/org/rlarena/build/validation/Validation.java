package org.rlarena.build.validation;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.bundle.BundleStore;
import org.rlarena.build.log.BuildLog;
import org.rlarena.build.validation.executor.ValidationRequest;
import org.rlarena.build.validation.executor.ValidationResponse;
import org.rlarena.build.validation.executor.Verdict;

/** Lets the first executor that has room validate a bundle. */
@ApplicationScoped
public class Validation {

  private static final Logger LOG = Logger.getLogger(Validation.class);

  private final Executors executors;
  private final BundleStore bundles;
  private final ExecutorConfig config;

  Validation(Executors executors, BundleStore bundles, ExecutorConfig config) {
    this.executors = executors;
    this.bundles = bundles;
    this.config = config;
  }

  /**
   * Returns if the agent is fit to play.
   *
   * @param image digest of its image, if it has one; executors that play in pods take that
   * @throws BuildFailed with the executor's sentence if it is not
   * @throws PlatformFault if no executor has played with it: away, busy or failing
   */
  public void validate(
      UUID agentId,
      String environment,
      Bundle bundle,
      Optional<String> image,
      BuildLog log,
      RunControl control) {
    ValidationRequest request =
        ValidationRequest.newBuilder()
            .setAgentId(agentId.toString())
            .setEnvironment(environment)
            .setCodeUrl(bundles.location(bundle))
            .putMetadata("sha256", bundle.sha256())
            .setDockerImage(image.orElse(""))
            .build();
    log.note("Playing a validation game of " + environment + ".");
    ValidationResponse response = ask(request, log, control);
    log.outputAll(response.getLogTail());
    response.getWarningsList().forEach(warning -> log.output("warning: " + warning));
    if (response.getValid()) {
      log.note("The validation game was played.");
      return;
    }
    if (response.getVerdict() == Verdict.PLATFORM_FAULT
        || response.getVerdict() == Verdict.CANCELLED) {
      throw new PlatformFault("The executor could not play the validation game.");
    }
    List<String> errors = response.getErrorsList();
    errors.forEach(log::output);
    throw new BuildFailed(
        Reasons.of(response.getVerdict(), errors),
        errors.isEmpty() ? "The agent failed its validation game." : String.join(" ", errors));
  }

  private ValidationResponse ask(ValidationRequest request, BuildLog log, RunControl control) {
    long patienceEnd = System.nanoTime() + config.busyPatience().toNanos();
    boolean waiting = false;
    while (true) {
      Status worst = Status.OK;
      for (String address : config.addresses()) {
        try {
          return executors.validate(address, request, control);
        } catch (StatusRuntimeException e) {
          LOG.debugf("Executor does not validate, executor=%s: %s", address, e.getStatus());
          boolean busy = e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED;
          worst = busy || worst.isOk() ? e.getStatus() : worst;
        }
      }
      if (worst.getCode() != Status.Code.RESOURCE_EXHAUSTED) {
        LOG.warnf("No executor validates: %s", worst);
        throw new PlatformFault("No executor could play the validation game.");
      }
      if (System.nanoTime() > patienceEnd) {
        throw new PlatformFault("All executors are busy.");
      }
      if (!waiting) {
        log.note("All executors are busy; waiting for a free one.");
        waiting = true;
      }
      control.pause(config.busyInterval());
    }
  }
}
