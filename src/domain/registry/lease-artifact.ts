/** Artifact type of manifests that hold blobs while a collector runs (docs/gc-runs.md); they come and go around the gateway. */
export const LEASE_ARTIFACT = 'application/vnd.plura.upload-lease.v1+json';
