/**
 * Builds as Jobs of a Kubernetes cluster: {@link org.rlarena.build.cluster.BuildJobs} says what a
 * Job is, {@link org.rlarena.build.cluster.Judgement} what its state means, and {@link
 * org.rlarena.build.cluster.ClusterBuilder} makes, watches and ends them. Retries are not here: an
 * attempt that met a fault of the platform is run again by whoever holds it next. Scans of images
 * are Jobs too: {@link org.rlarena.build.cluster.ScanJobs}. How little the pods of both may do is
 * said in {@link org.rlarena.build.cluster.JobPods}.
 */
package org.rlarena.build.cluster;
