import type { Digest } from '../../../src/domain/digest';
import type {
  Inventory,
  InventoryEdge,
  ManifestRecord,
  PushRecord,
} from '../../../src/ports/inventory';
import type { TagStore } from '../../../src/ports/ledger';
import type { PendingPushes } from '../../../src/ports/pending-pushes';
import { A, digestOf, T0 } from './ledger-builders';

/** An inventory under test, with what the port leaves to other parts of the product. */
export interface InventoryUnderTest {
  readonly inventory: Inventory;
  readonly pendingPushes: PendingPushes;
  /** The ledger's claims: the same ones. */
  readonly ledger: TagStore;
  /** Lets so much time pass, as claims and pushes see it. */
  pass(ms: number): Promise<void>;
  /** Moves of a tag, oldest first. */
  movesOf(
    repository: string,
    tag: string,
  ): Promise<readonly { readonly from: Digest | null; readonly to: Digest | null }[]>;
  /** Sizes of the blobs of a repository. */
  blobsOf(repository: string): Promise<ReadonlyMap<Digest, number>>;
  close(): Promise<void>;
}

export const REPOSITORY = 'apps/shop/web';
export const TAG = '1.0.0_abc1234';

export function layer(seed: string, size = 7): InventoryEdge {
  return { kind: 'layer', digest: digestOf(seed), size, mediaType: 'application/layer' };
}

export function child(digest: Digest): InventoryEdge {
  return { kind: 'child', digest, size: 500, mediaType: 'application/manifest' };
}

let attempts = 0;

/** A push of the write-once tag; each is an attempt of its own unless `id` says otherwise. */
export function pushOf(over: Partial<PushRecord> = {}): PushRecord {
  attempts += 1;
  return {
    id: `attempt-${attempts}`,
    repository: REPOSITORY,
    digest: A,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: null,
    size: 1024,
    subject: null,
    edges: [],
    tag: TAG,
    writeOnce: true,
    actor: 'builder',
    at: T0,
    ...over,
  };
}

export function manifestOf(push: PushRecord): ManifestRecord {
  const { repository, digest, mediaType, artifactType, size, subject, edges } = push;
  return { repository, digest, mediaType, artifactType, size, subject, edges };
}

/** Pushes it as a gateway does whose registry takes it. */
export async function pushed(
  inventory: Inventory,
  over: Partial<PushRecord> = {},
): Promise<PushRecord> {
  const push = pushOf(over);
  const claim = await inventory.beginPush(push);
  expect(claim.kind).not.toBe('taken');
  await inventory.completePush(push);
  return push;
}
