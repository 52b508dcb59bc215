package org.rlarena.build.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.rlarena.build.testing.TestPython;

/**
 * Runs the steps of a Job as processes, with what their containers are given. An image is not made:
 * the test says what the builder would tell.
 */
final class Kubelet {

  private final TestCluster cluster;
  private final String serviceUrl;
  private final Path folder;

  /**
   * @param folder empty folder for this Job's pod
   */
  Kubelet(TestCluster cluster, String serviceUrl, Path folder) {
    this.cluster = cluster;
    this.serviceUrl = serviceUrl;
    this.folder = folder;
  }

  Path context() {
    return folder.resolve("workspace/context");
  }

  /** Runs a Job to its end. */
  void run(Job job, String digest) throws IOException, InterruptedException {
    Pod pod = cluster.makePod(job);
    List<ContainerStatus> states = new ArrayList<>();
    for (Container step : job.getSpec().getTemplate().getSpec().getInitContainers()) {
      Path told = Files.createTempFile(folder, "told", "");
      int status = run(step, told);
      if (status != 0) {
        states.add(TestCluster.ended(step.getName(), status, "Error", Files.readString(told)));
        cluster.status(pod, "Failed", states.toArray(ContainerStatus[]::new));
        cluster.fail(job, "BackoffLimitExceeded");
        return;
      }
      states.add(TestCluster.done(step.getName()));
    }
    cluster.succeed(job, pod, digest);
  }

  private int run(Container step, Path told) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>();
    words.add(TestPython.program());
    words.add("-I");
    words.add(Path.of("src/main/resources/python/steps.py").toAbsolutePath().toString());
    words.addAll(step.getArgs());
    ProcessBuilder process = new ProcessBuilder(words).inheritIO();
    step.getEnv().forEach(one -> process.environment().put(one.getName(), one.getValue()));
    process.environment().put("ARENA_BUILD_URL", serviceUrl);
    process.environment().put("ARENA_WORKSPACE", folder.resolve("workspace").toString());
    process.environment().put("ARENA_TERMINATION_LOG", told.toString());
    Process running = process.start();
    if (!running.waitFor(2, TimeUnit.MINUTES)) {
      running.destroyForcibly();
      throw new IllegalStateException(step.getName() + " does not end");
    }
    return running.exitValue();
  }
}
