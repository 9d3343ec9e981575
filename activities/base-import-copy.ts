import { ReleaseError } from '../src/contract/errors';
import {
  isIndexType,
  manifestFaults,
  MAX_BASE_BYTES,
  MAX_BASE_MANIFESTS,
} from '../src/domain/bases/content';
import { mirrorOf } from '../src/domain/bases/family';
import type { Digest } from '../src/domain/digest';
import type { BaseVendor } from '../src/ports/base-vendors';
import type { Descriptor, Manifest } from '../src/ports/registry';
import type { BaseImportDeps, BaseStepInput, Step } from './base-import';
import { refused, refusing } from './base-import-refusal';
import { heartbeating } from './heartbeat';

interface Tree {
  /** Children before their index. */
  readonly manifests: readonly Manifest[];
  readonly blobs: readonly Descriptor[];
  readonly bytes: number;
  readonly faults: readonly string[];
}

function partsOf(manifests: readonly Manifest[]): readonly Descriptor[] {
  const parts = manifests.flatMap(({ config, layers }) => (config ? [config, ...layers] : layers));
  return [...new Map(parts.map((part) => [part.digest, part])).values()];
}

/** All that there is to copy, before any of it is. */
async function readTree(
  vendor: Pick<BaseVendor, 'getManifest'>,
  repository: string,
  digest: Digest,
): Promise<Tree> {
  const top = await vendor.getManifest({ repository, digest });
  const faults = [...manifestFaults(top, null)];
  const children: Manifest[] = [];
  if (isIndexType(top.mediaType)) {
    if (top.manifests.length > MAX_BASE_MANIFESTS) {
      faults.push(`${digest} names more than ${MAX_BASE_MANIFESTS} images`);
    }
    for (const stated of top.manifests.slice(0, MAX_BASE_MANIFESTS)) {
      const child = await vendor.getManifest({ repository, digest: stated.digest });
      faults.push(...manifestFaults(child, stated));
      children.push(child);
    }
  }
  const manifests = [...children, top];
  const blobs = partsOf(manifests);
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_BASE_BYTES) faults.push(`${digest} has ${bytes} bytes`);
  return { manifests, blobs, bytes, faults };
}

/** The registry hashes what it is given; how much that is must not be the vendor's choice alone. */
async function* limited(
  chunks: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = size;
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    left -= chunk.length;
    if (left < 0) {
      throw new ReleaseError('INVALID_INPUT', `${digest} has more bytes than its manifest says`);
    }
    yield chunk;
  }
}

/** Blobs, images, index: the order in which a registry takes them. What is there is left alone. */
async function copyTree(
  vendor: BaseVendor,
  { manifests, blobs }: Tree,
  place: { readonly from: string; readonly to: string },
  run: { readonly signal: AbortSignal; readonly note: (text: string) => void },
): Promise<void> {
  for (const [index, blob] of blobs.entries()) {
    const { digest } = blob;
    run.note(`blob ${index + 1} of ${blobs.length}`);
    const target = { repository: place.to, digest };
    if (await vendor.hasBlob(target)) continue;
    const chunks = await vendor.openBlob({ repository: place.from, digest });
    await vendor.pushBlob(target, limited(chunks, blob, run.signal));
  }
  for (const manifest of manifests) {
    run.signal.throwIfAborted();
    await vendor.pushManifest(place.to, manifest);
  }
}

/** Index and children unchanged, so that the digest here is the one that was verified there. */
export function copyBase(deps: BaseImportDeps, input: BaseStepInput): Promise<Step<number>> {
  const { family, digest } = input;
  const { host, repository } = family.source;
  const vendor = deps.baseVendors.at(host);
  return heartbeating((signal, note) =>
    refusing<number>(async () => {
      const tree = await readTree(vendor, repository, digest);
      const [fault] = tree.faults;
      if (fault !== undefined) {
        return refused(`It can't be taken as a base: ${fault}`, 'ask the vendor for a plain image');
      }
      await copyTree(
        vendor,
        tree,
        { from: repository, to: mirrorOf(family.name) },
        { signal, note },
      );
      return { ok: true, value: tree.bytes };
    }),
  );
}
