import { ReleaseError } from '../src/contract/errors';
import type { Digest } from '../src/domain/digest';
import { imageReference, type ImageRef } from '../src/domain/reference';
import type { WormItem, WormTag } from '../src/domain/worm/manifest';
import type { Inventory } from '../src/ports/inventory';
import type { Descriptor, Manifest } from '../src/ports/registry';
import type { RegistryContent } from '../src/ports/registry-content';

/** Of a copy; more is an error, and never a part. */
const MAX_ITEMS = 50_000;

interface ClosureDeps {
  readonly content: Pick<RegistryContent, 'getManifest' | 'listAttached'>;
  /** Knows of what the registry's own list of referrers may have lost. */
  readonly inventory: Pick<Inventory, 'listReferrers'>;
}

interface Closure {
  readonly items: readonly WormItem[];
  /** Legacy tags, which alone say what such a signature is about. */
  readonly tags: readonly WormTag[];
}

class Walk {
  readonly items: WormItem[] = [];
  readonly tags: WormTag[] = [];
  private readonly seen = new Set<Digest>();
  private readonly deps: ClosureDeps;
  private readonly repository: string;
  private readonly signal: AbortSignal;

  constructor(deps: ClosureDeps, repository: string, signal: AbortSignal) {
    this.deps = deps;
    this.repository = repository;
    this.signal = signal;
  }

  /** What it is made of, itself, and what is attached to it: the order in which a registry takes them. */
  async manifest(digest: Digest): Promise<void> {
    if (this.seen.has(digest)) return;
    this.seen.add(digest);
    this.signal.throwIfAborted();
    const manifest = await this.deps.content.getManifest(this.image(digest));
    for (const child of manifest.manifests) await this.manifest(child.digest);
    if (manifest.config) this.blob(manifest.config, 'config');
    for (const layer of manifest.layers) this.blob(layer, 'layer');
    this.add(itemOf(manifest, this.repository));
    for (const attached of await this.attached(digest)) await this.manifest(attached);
  }

  private image(digest: Digest): ImageRef {
    return { repository: this.repository, digest };
  }

  private async attached(digest: Digest): Promise<readonly Digest[]> {
    const { repository } = this;
    const recorded = await this.deps.inventory.listReferrers(repository, digest);
    const listed = await this.deps.content.listAttached(this.image(digest));
    for (const { digest: target, tag } of listed) {
      if (tag !== null) this.tags.push({ repository, tag, digest: target });
    }
    return [...new Set([...listed, ...recorded].map((one) => one.digest))];
  }

  private blob({ digest, size, mediaType }: Descriptor, role: 'config' | 'layer'): void {
    if (this.seen.has(digest)) return;
    this.seen.add(digest);
    const { repository } = this;
    this.add({
      ...{ digest, size, role, mediaType, repository },
      artifactType: null,
      subject: null,
    });
  }

  private add(item: WormItem): void {
    if (this.items.length === MAX_ITEMS) {
      throw new ReleaseError('INVALID_INPUT', `More than ${MAX_ITEMS} contents belong to it`, {
        details: { remedy: 'copy the images of the index one by one' },
      });
    }
    this.items.push(item);
  }
}

function itemOf(manifest: Manifest, repository: string): WormItem {
  const { digest, mediaType, artifactType, subject, config } = manifest;
  return {
    ...{ digest, mediaType, repository },
    size: manifest.bytes.length,
    role: manifest.manifests.length > 0 ? 'index' : 'manifest',
    // Of an artifact without one it is its config's (image-spec, "Guidelines for Artifact Usage").
    artifactType: artifactType ?? (subject && config ? config.mediaType : null),
    subject: subject?.digest ?? null,
  };
}

/**
 * All that an image is made of and all that is attached to any of it, at any depth.
 * @throws ReleaseError DIGEST_NOT_FOUND when a manifest of it is gone, INVALID_INPUT when it is too much
 */
export async function walkClosure(
  deps: ClosureDeps,
  image: ImageRef,
  signal: AbortSignal,
): Promise<Closure> {
  const walk = new Walk(deps, image.repository, signal);
  await walk.manifest(image.digest);
  if (walk.items.length === 0) {
    throw new ReleaseError('DIGEST_NOT_FOUND', `${imageReference(image)} has nothing to copy`);
  }
  return { items: walk.items, tags: walk.tags };
}
