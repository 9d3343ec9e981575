import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createOciHttp } from '../../adapters/oci/http';
import { createOciRegistry } from '../../adapters/oci/oci-registry';
import { digestText } from '../../adapters/oci/schema';
import type { RegistryCredentials } from '../../contract/docker-config';
import type { PinnedBase } from '../../domain/bases';
import type { Signer } from '../../ports/signer';
import { fillGoCache, findGo, GO_BASE_ENV, goBaseEntries, type GoToolchain } from './base-go';
import { plainBaseEntries, staticBaseEntries } from './base-static';
import { debianBases, type DebianBase } from './debian/debian-base';
import { pushBase, type BaseImage } from './push-base';
import { signBase } from './sign-base';
import { writeLayer, type Layer, type LayerEntry } from './tar-layer';

/** Raise it when the contents of a base change, so that old layers are not used again. */
const REVISION = 2;
const DEBIAN_REVISION = 1;

export interface SeedBasesInput {
  readonly registryUrl: string;
  /** Of the custodian; none for a registry without login. */
  readonly credentials?: RegistryCredentials;
  readonly stateDir: string;
  /** Layers are kept here across a reset of the state. */
  readonly cacheDir: string;
  readonly signer: Signer;
  /** Whether signatures go to the transparency log. */
  readonly log: boolean;
  /** Absolute path of the go command; its toolchain becomes `bases/go`. */
  readonly go: string;
  readonly onProgress?: (line: string) => void;
}

const layerFacts = z.object({ digest: digestText, diffId: digestText, size: z.int() });

/** `{stateDir}/bases.json`: base name as Dockerfiles write it, to its pin. */
export const basesFile = z.record(
  z.string(),
  z.object({ repository: z.string(), digest: digestText }),
);

interface LayerSource {
  readonly name: string;
  readonly entries: (
    folder: string,
  ) => readonly LayerEntry[] | Promise<AsyncIterable<LayerEntry> | readonly LayerEntry[]>;
}

interface KeptLayer {
  readonly layer: Layer;
  readonly file: string;
}

/** The layer of this name from the cache; null when it is not there, whole. */
async function findLayer(cacheDir: string, name: string): Promise<KeptLayer | null> {
  const file = join(cacheDir, 'bases', `${name}.tar.gz`);
  const text = await readFile(join(cacheDir, 'bases', `${name}.json`), 'utf8').catch(() => 'null');
  const known = layerFacts.safeParse(JSON.parse(text));
  const size = await stat(file).then(
    (found) => found.size,
    () => -1,
  );
  return known.success && known.data.size === size ? { layer: known.data, file } : null;
}

/** The layer of this name from the cache, made when it is not there. */
async function ensureLayer(cacheDir: string, source: LayerSource): Promise<KeptLayer> {
  const found = await findLayer(cacheDir, source.name);
  if (found) return found;
  const folder = join(cacheDir, 'bases');
  const file = join(folder, `${source.name}.tar.gz`);
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'work-'));
  try {
    const draft = join(work, 'layer.tar.gz');
    const layer = await writeLayer(await source.entries(work), draft);
    await writeFile(join(work, 'facts.json'), JSON.stringify(layer));
    // The layer first: facts without their layer are found wrong by its size.
    await rename(draft, file);
    await rename(join(work, 'facts.json'), join(folder, `${source.name}.json`));
    return { layer, file };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function goLayer(toolchain: GoToolchain, onProgress: (line: string) => void): LayerSource {
  return {
    name: `go-${toolchain.version}-${toolchain.architecture}-r${REVISION}`,
    entries: async (work) => {
      onProgress(`bases/go: compiling the standard library of ${toolchain.version}`);
      const goCache = join(work, 'go-build');
      await fillGoCache(toolchain.go, work, goCache);
      return goBaseEntries(toolchain, goCache);
    },
  };
}

const debianLayer = (layerName: string): string => `${layerName}-r${DEBIAN_REVISION}`;

/** Of Debian packages where there are some, else one base of the files that matter. */
async function smallBases(
  cacheDir: string,
  onProgress: (line: string) => void,
): Promise<readonly (KeptLayer & { readonly repository: string })[]> {
  const debian = await debianBases({
    folder: join(cacheDir, 'bases'),
    isKept: async (name) => (await findLayer(cacheDir, debianLayer(name))) !== null,
    own: plainBaseEntries,
    onProgress,
  });
  if (debian.length === 0) {
    const source = { name: `static-r${REVISION}`, entries: staticBaseEntries };
    return [{ repository: 'bases/static', ...(await ensureLayer(cacheDir, source)) }];
  }
  const ensure = async ({
    name,
    layerName,
    entries,
  }: DebianBase): Promise<KeptLayer & { readonly repository: string }> => ({
    repository: `bases/${name}`,
    ...(await ensureLayer(cacheDir, { name: debianLayer(layerName), entries })),
  });
  return Promise.all(debian.map(ensure));
}

async function describeBases(input: SeedBasesInput): Promise<readonly BaseImage[]> {
  const onProgress = input.onProgress ?? (() => undefined);
  const toolchain = await findGo(input.go);
  const small = await smallBases(input.cacheDir, onProgress);
  const go = await ensureLayer(input.cacheDir, goLayer(toolchain, onProgress));
  return [
    ...small.map(({ repository, layer, file }) => ({
      repository,
      layer,
      layerFile: file,
      env: { PATH: '/', SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt' },
      user: '65532:65532',
      workingDir: '/',
    })),
    {
      repository: 'bases/go',
      layer: go.layer,
      layerFile: go.file,
      env: GO_BASE_ENV,
      user: '0',
      workingDir: '/src',
    },
  ];
}

/**
 * Makes, pushes and signs `bases/static`, `bases/go` and, where there are Debian packages, `bases/base`, and writes their pins to `{stateDir}/bases.json`.
 * Safe to repeat; with layers in the cache it only asks the registry what it holds.
 */
export async function seedBases(
  input: SeedBasesInput,
): Promise<Readonly<Record<string, PinnedBase>>> {
  const { registryUrl: url, credentials } = input;
  const login = credentials ? { credentials } : {};
  const http = createOciHttp({ url, timeoutMs: 30_000, ...login });
  const registry = createOciRegistry({ url, ...login });
  const signing = { registry, signer: input.signer, log: input.log };
  const pins: Record<string, PinnedBase> = {};
  for (const image of await describeBases(input)) {
    const { repository } = image;
    const digest = await pushBase(http, image);
    await signBase(signing, { repository, digest });
    pins[repository] = { repository, digest };
  }
  await mkdir(input.stateDir, { recursive: true });
  const draft = join(input.stateDir, 'bases.json.new');
  await writeFile(draft, `${JSON.stringify(pins, null, 2)}\n`);
  await rename(draft, join(input.stateDir, 'bases.json'));
  return pins;
}
