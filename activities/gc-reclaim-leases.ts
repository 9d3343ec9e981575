import { createHash } from 'node:crypto';
import { ReleaseError } from '../src/contract/errors';
import { parseDigest, type Digest } from '../src/domain/digest';
import { LEASE_ARTIFACT } from '../src/domain/registry/lease-artifact';
import { OCI_MANIFEST } from '../src/domain/registry/manifest-facts';
import type { ImageRef } from '../src/domain/reference';
import type { LeasedBlob } from '../src/ports/upload-leases';
import type { ReclaimDeps } from './gc-reclaim';

/** As many as a manifest names at most. */
const PAGE = 900;

export interface HeldLeases {
  readonly blobs: number;
  readonly manifests: readonly ImageRef[];
}

/**
 * Names blobs as an image would. The collector of distribution goes by manifests alone, repository by repository: what no manifest of
 * the same repository names loses its link there, so that each repository gets its own.
 */
function leaseManifest(
  digests: readonly Digest[],
  at: string,
): { readonly digest: Digest; readonly bytes: Buffer; readonly mediaType: string } {
  const [config, ...layers] = digests.map((digest) => ({
    mediaType: 'application/octet-stream',
    digest,
    size: 1,
  }));
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: LEASE_ARTIFACT,
      config,
      layers,
      annotations: { 'org.opencontainers.image.created': at },
    }),
  );
  const digest = parseDigest(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
  return { digest, bytes, mediaType: OCI_MANIFEST };
}

/** The registry has not all of it; how it says so differs with how much it lacks. */
function lacksSome(error: unknown): error is ReleaseError {
  const codes: readonly string[] = ['DIGEST_NOT_FOUND', 'INVALID_INPUT'];
  return error instanceof ReleaseError && codes.includes(error.code);
}

/** Blobs that are gone are left out: halves are tried until each is with its like. */
async function hold(
  deps: ReclaimDeps,
  repository: string,
  digests: readonly Digest[],
): Promise<HeldLeases> {
  if (digests.length === 0) return { blobs: 0, manifests: [] };
  const manifest = leaseManifest(digests, deps.now().toISOString());
  try {
    await deps.backend.putManifest(repository, manifest);
    return { blobs: digests.length, manifests: [{ repository, digest: manifest.digest }] };
  } catch (error) {
    if (!lacksSome(error)) throw error;
    if (digests.length === 1) {
      if (error.code === 'DIGEST_NOT_FOUND') return { blobs: 0, manifests: [] };
      throw error;
    }
  }
  const middle = Math.ceil(digests.length / 2);
  return addUp([
    await hold(deps, repository, digests.slice(0, middle)),
    await hold(deps, repository, digests.slice(middle)),
  ]);
}

function addUp(held: readonly HeldLeases[]): HeldLeases {
  return {
    blobs: held.reduce((sum, { blobs }) => sum + blobs, 0),
    manifests: held.flatMap(({ manifests }) => manifests),
  };
}

function byRepository(page: readonly LeasedBlob[]): ReadonlyMap<string, readonly Digest[]> {
  const found = new Map<string, Digest[]>();
  for (const { repository, digest } of page) {
    const known = found.get(repository);
    if (known) known.push(digest);
    else found.set(repository, [digest]);
  }
  return found;
}

/**
 * Holds all that pushers were told of since `since` and that no manifest names yet. `onHeld` is told after each, so that a crash leaves
 * nothing behind that nobody knows of.
 */
export async function holdLeases(
  deps: ReclaimDeps,
  since: string,
  onHeld: (manifests: readonly ImageRef[]) => Promise<void>,
): Promise<HeldLeases> {
  let held: HeldLeases = { blobs: 0, manifests: [] };
  let after: LeasedBlob | null = null;
  for (;;) {
    const page: readonly LeasedBlob[] = await deps.uploadLeases.listLeased({
      since,
      after,
      limit: PAGE,
    });
    for (const [repository, digests] of byRepository(page)) {
      held = addUp([held, await hold(deps, repository, digests)]);
      await onHeld(held.manifests);
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE) return held;
  }
}

/** What could not be taken away: the next reclaim tries again. */
export async function dropLeases(
  deps: ReclaimDeps,
  manifests: readonly ImageRef[],
): Promise<readonly ImageRef[]> {
  const left: ImageRef[] = [];
  for (const manifest of manifests) {
    try {
      await deps.backend.deleteManifest(manifest);
    } catch {
      left.push(manifest);
    }
  }
  return left;
}
