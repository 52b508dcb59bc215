package org.rlarena.objects;

import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Makes the store that the settings choose. With files no S3 client is made. */
@ApplicationScoped
class ObjectStores {

  @Produces
  @Singleton
  ObjectStore store(
      ObjectsConfig config, Instance<S3Client> client, Instance<S3Presigner> presigner) {
    return switch (config.backend()) {
      case FILES -> new FolderStore(config.root());
      case S3 -> new BucketStore(client.get(), presigner.get(), config.s3());
    };
  }

  /** Stops a service that could store nothing. */
  void check(@Observes StartupEvent start, ObjectsConfig config) {
    if (config.backend() == ObjectsConfig.Backend.S3 && config.s3().bucket().isEmpty()) {
      throw new IllegalStateException(
          "arena.objects.backend is s3: set arena.objects.s3.bucket to the bucket's name");
    }
  }
}
