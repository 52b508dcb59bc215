package org.rlarena.build.cluster;

/** What makes an image of a context, and what it asks of a cluster; see docs/security.md. */
enum ImageBuilder {
  /** The maintained line of Kaniko; root in its container, with few capabilities. */
  KANIKO,
  /** BuildKit without root; makes user namespaces, which needs a pod without seccomp profile. */
  BUILDKIT,
  /** Buildah without root; needs what BuildKit needs. */
  BUILDAH
}
