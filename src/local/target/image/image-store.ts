import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { selectChild } from '../../../adapters/oci/platform';
import { ReleaseError } from '../../../contract/errors';
import type { Digest } from '../../../domain/digest';
import { imageReference, type ImageRef } from '../../../domain/reference';
import type { ImageConfig, Manifest, Registry } from '../../../ports/registry';
import { resolveDirectory } from './safe-path';
import { unpackLayer } from './unpack-layer';

interface UnpackedImage {
  readonly rootfs: string;
  readonly config: ImageConfig;
}

export interface ImageStore {
  /** Pulls by digest and unpacks, once a digest. Throws the registry's errors, or ROLLOUT_FAILED for bad layers. */
  ensure(image: ImageRef): Promise<UnpackedImage>;
  /** Deletes the images not used lately, never one in `keep`. */
  prune(keep: ReadonlySet<Digest>): Promise<void>;
}

const LIMITS = { bytes: 4 * 1024 ** 3, entries: 500_000 };
const SPARE_IMAGES = 6;

const StoredConfig = z.object({
  user: z.string(),
  env: z.array(z.string()),
  entrypoint: z.array(z.string()),
  cmd: z.array(z.string()),
  workingDir: z.string(),
  labels: z.record(z.string(), z.string()),
  exposedPorts: z.array(z.string()),
});

/** Root file systems by image digest, under `folder`. They are shared and read-only while containers run. */
export function createImageStore(folder: string, registry: Registry): ImageStore {
  const underway = new Map<Digest, Promise<UnpackedImage>>();
  const pathOf = (digest: Digest): string => join(folder, digest.slice('sha256:'.length));

  async function pull(image: ImageRef): Promise<UnpackedImage> {
    const home = pathOf(image.digest);
    const known = await readUnpacked(home);
    if (known) {
      await utimes(home, new Date(), new Date());
      return known;
    }
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const draft = await mkdtemp(join(folder, '.draft-'));
    try {
      const config = await registry.getImageConfig(image);
      await unpackImage(registry, image, draft);
      await writeFile(join(draft, 'config.json'), JSON.stringify(config));
      await rename(draft, home);
      return { rootfs: join(home, 'rootfs'), config };
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  return {
    ensure: (image) => {
      const running = underway.get(image.digest);
      if (running) {
        return running;
      }
      const started = pull(image).finally(() => underway.delete(image.digest));
      underway.set(image.digest, started);
      return started;
    },
    prune: (keep) =>
      pruneFolder(folder, new Set([...keep, ...underway.keys()].map((one) => one.slice(7)))),
  };
}

async function readUnpacked(home: string): Promise<UnpackedImage | null> {
  const text = await readFile(join(home, 'config.json'), 'utf8').catch(() => null);
  return text === null
    ? null
    : { rootfs: join(home, 'rootfs'), config: StoredConfig.parse(JSON.parse(text)) };
}

async function selectManifest(registry: Registry, image: ImageRef): Promise<Manifest> {
  const manifest = await registry.getManifest(image);
  if (manifest.manifests.length === 0) {
    return manifest;
  }
  const child = selectChild(manifest.manifests);
  if (!child) {
    throw new ReleaseError(
      'ROLLOUT_FAILED',
      `${imageReference(image)} has no image for this machine`,
      { details: { remedy: 'Build the image for linux and the architecture of this machine.' } },
    );
  }
  return registry.getManifest({ repository: image.repository, digest: child.digest });
}

async function unpackImage(registry: Registry, image: ImageRef, draft: string): Promise<void> {
  const { layers } = await selectManifest(registry, image);
  if (layers.reduce((sum, { size }) => sum + size, 0) > LIMITS.bytes) {
    throw new ReleaseError(
      'ROLLOUT_FAILED',
      `${imageReference(image)} is over ${LIMITS.bytes} bytes`,
    );
  }
  const rootfs = join(draft, 'rootfs');
  await mkdir(rootfs, { mode: 0o755 });
  const budget = { ...LIMITS };
  const file = join(draft, 'layer');
  for (const { digest, mediaType } of layers) {
    await registry.downloadBlob({ repository: image.repository, digest }, file);
    await unpackOrExplain(image, () => unpackLayer(file, mediaType, rootfs, budget));
    await rm(file, { force: true });
  }
  // runc gives the mount on /tmp the mode of the folder below it, and makes a missing one 0755.
  const temporary = await resolveDirectory(rootfs, ['tmp'], true);
  if (temporary !== null) {
    await chmod(temporary, 0o1777);
  }
}

async function unpackOrExplain(image: ImageRef, unpack: () => Promise<void>): Promise<void> {
  try {
    await unpack();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ReleaseError(
      'ROLLOUT_FAILED',
      `${imageReference(image)} can't be unpacked: ${reason}`,
      {
        cause,
        details: {
          remedy: 'Check the disk space of the rollout target, then build the image again.',
        },
      },
    );
  }
}

async function pruneFolder(folder: string, keep: ReadonlySet<string>): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'));
  const spare = names.filter((name) => !keep.has(name));
  const aged = await Promise.all(
    spare.map(async (name) => ({ name, used: (await stat(join(folder, name))).mtimeMs })),
  );
  aged.sort((a, b) => b.used - a.used);
  for (const { name } of aged.slice(SPARE_IMAGES)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}
