import { LRUCache } from 'lru-cache';
import { ReleaseError } from '../../contract/errors';
import { inParallel } from '../../contract/in-parallel';
import { parseImageConfig } from '../../contract/schema/image-config';
import type { ImageConfig } from '../../domain/admission/guardrails/image-config';
import { imageReference, type ImageRef } from '../../domain/reference';
import type { Registry } from '../../ports/registry';
import { readImageName } from '../images/read-image-name';
import { isRunnable } from '../../domain/registry/runnable';

/** Configs of the images that a pod names. */
export interface ImageConfigs {
  /**
   * By image as the pod names it, one for each platform. Without those that are not ours, or not there: the rules about images
   * refuse them.
   *
   * @throws ReleaseError REGISTRY_UNAVAILABLE
   */
  read(images: readonly string[]): Promise<ReadonlyMap<string, readonly ImageConfig[]>>;
}

interface ImageConfigParts {
  readonly registry: Pick<Registry, 'getManifest' | 'getBlob'>;
  readonly registries: readonly string[];
}

const MAX_CONFIG_BYTES = 1024 * 1024;
const MAX_CHILDREN = 20;
const MAX_KEPT = 2_000;
const PARALLEL = 6;

export function createImageConfigs({ registry, registries }: ImageConfigParts): ImageConfigs {
  // By digest, so what is kept can never be wrong.
  const kept = new LRUCache<string, readonly ImageConfig[]>({ max: MAX_KEPT });

  async function configOf(image: ImageRef): Promise<ImageConfig | null> {
    const { config } = await registry.getManifest(image);
    if (!config) return null;
    const blob = { repository: image.repository, digest: config.digest };
    return parseImageConfig(await registry.getBlob(blob, MAX_CONFIG_BYTES));
  }

  async function readAll(image: ImageRef): Promise<readonly ImageConfig[]> {
    const { manifests } = await registry.getManifest(image);
    const { repository } = image;
    const children = manifests.filter(isRunnable).slice(0, MAX_CHILDREN);
    const images =
      manifests.length === 0 ? [image] : children.map(({ digest }) => ({ repository, digest }));
    const configs = await inParallel(images, PARALLEL, configOf);
    return configs.filter((config) => config !== null);
  }

  async function readOne(name: string): Promise<readonly ImageConfig[] | null> {
    const parsed = readImageName(name);
    if (!parsed?.digest || parsed.host === null || !registries.includes(parsed.host)) return null;
    const image = { repository: parsed.repository, digest: parsed.digest };
    const known = kept.get(imageReference(image));
    if (known) return known;
    try {
      const configs = await readAll(image);
      kept.set(imageReference(image), configs);
      return configs;
    } catch (error) {
      const isBad =
        error instanceof ReleaseError &&
        (error.code === 'DIGEST_NOT_FOUND' || error.code === 'INVALID_INPUT');
      if (isBad) return null;
      throw error;
    }
  }

  return {
    read: async (images) => {
      const names = [...new Set(images)];
      const pairs = await inParallel(
        names,
        PARALLEL,
        async (name) => [name, await readOne(name)] as const,
      );
      return new Map(
        pairs.flatMap(([name, configs]) => (configs ? [[name, configs] as const] : [])),
      );
    },
  };
}
