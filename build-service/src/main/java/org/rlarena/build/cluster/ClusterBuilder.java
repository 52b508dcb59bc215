package org.rlarena.build.cluster;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.arc.lookup.LookupIfProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.builder.Builder;
import org.rlarena.build.builder.WorkFolders;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.bundle.BundleStore;
import org.rlarena.build.bundle.Manifest;
import org.rlarena.build.log.BuildLog;
import org.rlarena.build.source.ArchiveUnpacker;
import org.rlarena.build.source.EntryPoint;
import org.rlarena.build.source.SourceFolders;
import org.rlarena.objects.ObjectsUnavailable;

/**
 * Builds as a Job of a cluster. This service unpacks and looks at the upload, which costs no Job if
 * it is refused; what takes pip or a compiler happens in the Job; the bundle is made here, of the
 * upload and the packages that the Job hands over.
 *
 * <p>If this process dies the Job goes on. Whoever holds the attempt next finds it by its name.
 */
@ApplicationScoped
@LookupIfProperty(name = "arena.build.backend", stringValue = "kubernetes")
class ClusterBuilder implements Builder {

  private static final Logger LOG = Logger.getLogger(ClusterBuilder.class);
  private static final Duration TRUSTED = Duration.ofSeconds(10);
  // more would make the archive one of another format, which is not taken
  private static final int MAX_PACKAGE_FILES = 65_000;

  private final KubernetesClient client;
  private final String namespace;
  private final BuildJobs jobs;
  private final JobWatch watch;
  private final JobRun runs;
  private final BuildTokens tokens;
  private final HandedOver handedOver;
  private final SourceFolders sources;
  private final WorkFolders folders;
  private final BundleStore bundles;
  private final ObjectMapper json;
  private final ArchiveUnpacker unpacker;
  private volatile String problem = "the cluster has not been asked yet";
  private volatile long askedAt;

  ClusterBuilder(
      KubernetesClient client,
      ClusterConfig config,
      BuildConfig build,
      BuildTokens tokens,
      HandedOver handedOver,
      SourceFolders sources,
      WorkFolders folders,
      BundleStore bundles,
      ObjectMapper json,
      Clock clock) {
    this.client = client;
    this.namespace = config.namespace().orElseGet(client::getNamespace);
    this.jobs = new BuildJobs(config, build);
    this.watch = new JobWatch(client, namespace, jobs.selector());
    this.runs = new JobRun(client, namespace, jobs, watch, config, clock);
    this.tokens = tokens;
    this.handedOver = handedOver;
    this.sources = sources;
    this.folders = folders;
    this.bundles = bundles;
    this.json = json;
    this.unpacker = new ArchiveUnpacker(MAX_PACKAGE_FILES, build.limits().packageBytes());
  }

  @PreDestroy
  void close() {
    watch.close();
  }

  /** An attempt is not taken while the cluster is away: it would only meet faults of ours. */
  @Override
  public boolean probe() {
    if (problem == null && System.nanoTime() - askedAt < TRUSTED.toNanos()) {
      return true;
    }
    String found = ask();
    if (found != null && !found.equals(problem)) {
      LOG.errorf("No builds can be run: %s", found);
    }
    askedAt = System.nanoTime();
    problem = found;
    return found == null;
  }

  private String ask() {
    try {
      client
          .batch()
          .v1()
          .jobs()
          .inNamespace(namespace)
          .withLabels(jobs.selector())
          .list(new ListOptionsBuilder().withLimit(1L).build());
      return null;
    } catch (KubernetesClientException e) {
      return switch (e.getCode()) {
        case HttpURLConnection.HTTP_UNAUTHORIZED, HttpURLConnection.HTTP_FORBIDDEN ->
            "the service's account may not list Jobs in namespace %s; give it the chart's Role"
                .formatted(namespace);
        default -> "the cluster's API server does not answer";
      };
    }
  }

  @Override
  public Optional<String> problem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public List<String> hidden() {
    return jobs.hidden();
  }

  @Override
  public Built build(Request request, BuildLog log, RunControl control) {
    String job = BuildJobs.name(request.attemptId(), request.faults());
    try {
      Path folder = folders.create(request.runId());
      try {
        Path code = sources.fetch(request.submissionId(), request.source(), folder, log, control);
        String entry = EntryPoint.in(code);
        log.note("Entry point: " + entry);
        String image =
            runs.run(
                request,
                name -> tokens.draw(request.attemptId(), name, jobs.tokenLifetime()),
                log,
                control);
        log.note("Image " + image);
        Bundle bundle = bundle(job, entry, code, folder.resolve("packages"), control);
        log.note("Bundle of %d bytes, sha256 %s".formatted(bundle.bytes(), bundle.sha256()));
        return new Built(bundle, Optional.of(image));
      } finally {
        folders.remove(request.runId());
      }
    } catch (IOException e) {
      throw new PlatformFault("The build ran into a disk problem of ours.", e);
    }
  }

  private Bundle bundle(String job, String entry, Path code, Path packages, RunControl control)
      throws IOException {
    Path archive = packages.resolveSibling("packages.zip");
    try {
      if (!handedOver.fetch(job, archive)) {
        throw new PlatformFault("The packages of the build are not there.");
      }
    } catch (ObjectsUnavailable e) {
      throw new PlatformFault("The packages of the build cannot be reached.", e);
    }
    try {
      unpacker.unpack(archive, Files.createDirectory(packages), control);
    } catch (BuildFailed refused) {
      throw new BuildFailed(
          FailureReason.REQUIREMENTS,
          "The packages of requirements.txt hold files that cannot be kept. "
              + refused.getMessage());
    }
    Packages found = json.readValue(packages.resolve("manifest.json").toFile(), Packages.class);
    Manifest manifest =
        new Manifest(Manifest.FORMAT, found.pythonMinor(), found.platform(), entry, found.wheels());
    Bundle bundle = bundles.store(manifest, code, packages.resolve("site"));
    handedOver.remove(job);
    return bundle;
  }

  /** Removes the Jobs that no attempt needs any more, and what else was left behind. */
  void sweep() {
    try {
      // listed first: a Job that appears later may belong to an attempt that is not read yet
      List<Job> present =
          client
              .batch()
              .v1()
              .jobs()
              .inNamespace(namespace)
              .withLabels(jobs.selector())
              .list()
              .getItems();
      Set<String> wanted = tokens.wantedJobs();
      present.stream()
          .filter(job -> !isFinished(job) && !wanted.contains(job.getMetadata().getName()))
          .forEach(this::remove);
      tokens.forget();
    } catch (KubernetesClientException | PlatformFault e) {
      LOG.infof("Jobs not swept; the next turn does it: %s", e.getMessage());
    }
    handedOver.sweep();
  }

  private void remove(Job job) {
    LOG.infof("Removing a Job that no attempt needs, job=%s", job.getMetadata().getName());
    client
        .batch()
        .v1()
        .jobs()
        .inNamespace(namespace)
        .withName(job.getMetadata().getName())
        .withPropagationPolicy(DeletionPropagation.BACKGROUND)
        .delete();
  }

  private static boolean isFinished(Job job) {
    return job.getStatus() != null
        && job.getStatus().getConditions().stream()
            .filter(one -> "True".equals(one.getStatus()))
            .anyMatch(one -> one.getType().equals("Complete") || one.getType().equals("Failed"));
  }

  /** What the second step says of the packages, in {@code manifest.json} beside them. */
  @RegisterForReflection
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Packages(String pythonMinor, String platform, List<Manifest.Wheel> wheels) {}
}
