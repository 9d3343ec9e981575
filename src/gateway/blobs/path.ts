import type { Digest } from '../../domain/digest';

export function blobPath(repository: string, digest: Digest): string {
  return `/v2/${repository}/blobs/${digest}`;
}

/** The trailing slash is part of it (distribution-spec, "Endpoints"): without one some registries redirect. */
export function uploadsPath(repository: string): string {
  return `/v2/${repository}/blobs/uploads/`;
}
