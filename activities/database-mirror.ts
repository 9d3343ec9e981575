import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ReleaseError } from '../src/contract/errors';
import {
  DATABASE_LAYOUTS,
  MAX_LAYER_BYTES,
  refuseDatabase,
  refuseManifest,
  type DatabaseKind,
  type MirroredDatabase,
} from '../src/domain/advisories/database-mirror';
import type { Manifest } from '../src/ports/registry';
import type { DatabaseSource, InspectedDatabase } from '../src/ports/scan-databases';
import { isMirrored, publishDatabase } from './database-publish';
import type { Deps } from './deps';
import { heartbeating } from './heartbeat';

export type DatabaseMirrorDeps = Pick<
  Deps,
  | 'content'
  | 'databaseMirrors'
  | 'databaseSources'
  | 'now'
  | 'policy'
  | 'registry'
  | 'scanDatabases'
  | 'signer'
  | 'startAdvisoryWatch'
>;

export type MirrorResult =
  | { readonly kind: 'mirrored' | 'unchanged'; readonly database: MirroredDatabase }
  | { readonly kind: 'refused'; readonly reason: string; readonly digest: string };

export interface DatabaseMirrorActivities {
  /**
   * Brings the newest of a kind into our registry: checked, signed, and under its tag last. What must not take the place of ours is
   * refused and changes nothing. Throws what keeps it from being found out.
   */
  mirrorDatabase(input: { readonly kind: DatabaseKind }): Promise<MirrorResult>;
  newestDatabase(input: { readonly kind: DatabaseKind }): Promise<MirroredDatabase | null>;
  /** With the newest database; false when there is nobody who would match it. */
  startAdvisoryWatch(): Promise<boolean>;
}

export function createDatabaseMirrorActivities(deps: DatabaseMirrorDeps): DatabaseMirrorActivities {
  return {
    mirrorDatabase: ({ kind }) => heartbeating((signal) => mirrorDatabase(deps, kind, signal)),
    newestDatabase: ({ kind }) => deps.databaseMirrors.newest(kind),
    startAdvisoryWatch: async () => {
      await deps.scanDatabases.refresh();
      return deps.startAdvisoryWatch();
    },
  };
}

function sourceOf({ databaseSources }: DatabaseMirrorDeps, kind: DatabaseKind): DatabaseSource {
  const source = databaseSources.find((one) => one.kind === kind);
  if (source) return source;
  throw new ReleaseError('INVALID_INPUT', `No source of the database "${kind}" is configured`, {
    details: { remedy: 'set PLURA_DATABASE_MIRROR_SOURCE of the release worker' },
  });
}

async function findManifest({ registry, ...source }: DatabaseSource): Promise<Manifest> {
  const { repository, reference, name } = source;
  const found = await registry.resolve(repository, reference);
  if (found) return registry.getManifest({ repository, digest: found.digest });
  throw new ReleaseError('DIGEST_NOT_FOUND', `There is no ${name}`, {
    details: { remedy: 'check the source of the database mirror' },
  });
}

function refusalOf(manifest: Manifest, kind: DatabaseKind): string | null {
  const { mediaType, artifactType = null, config, layers } = manifest;
  const facts = { mediaType, artifactType, configType: config?.mediaType ?? null, layers };
  return refuseManifest(facts, kind);
}

async function mirrorDatabase(
  deps: DatabaseMirrorDeps,
  kind: DatabaseKind,
  signal: AbortSignal,
): Promise<MirrorResult> {
  const source = sourceOf(deps, kind);
  const manifest = await findManifest(source);
  const { digest } = manifest;
  const refused = (reason: string): MirrorResult => ({ kind: 'refused', reason, digest });
  const refusal = refusalOf(manifest, kind);
  if (refusal !== null) return refused(refusal);
  const current = await deps.databaseMirrors.newest(kind);
  if (current?.digest === digest && (await isMirrored(deps, current))) {
    return { kind: 'unchanged', database: current };
  }
  const work = await mkdtemp(join(tmpdir(), 'plura-mirror-'));
  try {
    const layerFile = join(work, 'layer.tar.gz');
    const inspected = await inspect(deps, { source, manifest, layerFile, signal });
    if (typeof inspected === 'string') return refused(inspected);
    const why = refuseDatabase(inspected, current, deps.now().getTime());
    if (why !== null) return refused(why);
    const database = describe(deps, { source, manifest, inspected });
    await publishDatabase(deps, { source, manifest, database, layerFile });
    await deps.databaseMirrors.add(database);
    return { kind: 'mirrored', database };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface Inspection {
  readonly source: DatabaseSource;
  readonly manifest: Manifest;
  readonly layerFile: string;
  readonly signal: AbortSignal;
}

/** What is in it; why it is no database at all, as text. */
async function inspect(
  { scanDatabases }: DatabaseMirrorDeps,
  { source, manifest, layerFile, signal }: Inspection,
): Promise<InspectedDatabase | string> {
  const [layer] = manifest.layers;
  if (!layer) return 'It has no layer.';
  const { registry, repository, kind } = source;
  try {
    await registry.downloadBlob({ repository, digest: layer.digest }, layerFile, MAX_LAYER_BYTES);
    return await scanDatabases.inspect(kind, layerFile, signal);
  } catch (error) {
    if (error instanceof ReleaseError && error.code === 'INVALID_INPUT') return error.message;
    throw error;
  }
}

function describe(
  { now }: DatabaseMirrorDeps,
  {
    source,
    manifest,
    inspected,
  }: Pick<Inspection, 'source' | 'manifest'> & { readonly inspected: InspectedDatabase },
): MirroredDatabase {
  const { kind, name } = source;
  return {
    kind,
    repository: DATABASE_LAYOUTS[kind].repository,
    digest: manifest.digest,
    fileDigest: inspected.fileDigest,
    bytes: manifest.layers[0]?.size ?? 0,
    updatedAt: inspected.updatedAt,
    source: `${name}@${manifest.digest}`,
    mirroredAt: now().toISOString(),
  };
}
