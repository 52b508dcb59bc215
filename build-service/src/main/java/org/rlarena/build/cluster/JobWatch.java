package org.rlarena.build.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rlarena.build.RunControl;

/**
 * Wakes the run whose Job or pod has changed. The client's informers keep the watches: they take
 * bookmarks, list anew after 410 Gone, and try again for as long as the API server is away. A wake
 * that is lost costs a run nothing but time, since it reads the state for itself and at intervals.
 */
final class JobWatch implements AutoCloseable {

  private final Map<String, RunControl> runs = new ConcurrentHashMap<>();
  private final List<SharedIndexInformer<?>> informers;

  JobWatch(KubernetesClient client, String namespace, Map<String, String> selector) {
    var jobs =
        client.batch().v1().jobs().inNamespace(namespace).withLabels(selector).runnableInformer(0);
    var pods = client.pods().inNamespace(namespace).withLabels(selector).runnableInformer(0);
    jobs.addEventHandler(new Bell<>());
    pods.addEventHandler(new Bell<>());
    this.informers = List.of(jobs, pods);
    for (SharedIndexInformer<?> informer : informers) {
      informer.exceptionHandler((started, problem) -> true);
      informer.start();
    }
  }

  /** From now on wakes this run when its Job or a pod of it changes. */
  void wake(String job, RunControl run) {
    runs.put(job, run);
  }

  void forget(String job, RunControl run) {
    runs.remove(job, run);
  }

  /** Whether both watches stand. */
  boolean isWatching() {
    return informers.stream().allMatch(SharedIndexInformer::isWatching);
  }

  @Override
  public void close() {
    informers.forEach(SharedIndexInformer::close);
  }

  private final class Bell<T extends HasMetadata> implements ResourceEventHandler<T> {

    @Override
    public void onAdd(T added) {
      ring(added);
    }

    @Override
    public void onUpdate(T before, T after) {
      ring(after);
    }

    @Override
    public void onDelete(T deleted, boolean stateUnknown) {
      ring(deleted);
    }

    private void ring(T changed) {
      Map<String, String> labels = changed.getMetadata().getLabels();
      RunControl run =
          runs.get(
              "build-%s-%s"
                  .formatted(labels.get(BuildJobs.ATTEMPT_LABEL), labels.get(BuildJobs.TRY_LABEL)));
      if (run != null) {
        run.wake();
      }
    }
  }
}
