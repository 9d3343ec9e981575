import { createReadStream } from 'node:fs';
import {
  DATABASE_LAYOUTS,
  DATABASE_PREDICATE_TYPE,
  type MirroredDatabase,
} from '../src/domain/advisories/database-mirror';
import type { Manifest } from '../src/ports/registry';
import type { DatabaseSource } from '../src/ports/scan-databases';
import { KEY_IDS } from '../src/ports/signer';
import {
  attachBundle,
  findVerifiedBundle,
  obtainBundle,
  statementFor,
  type BundleQuery,
} from './bundles';
import type { DatabaseMirrorDeps } from './database-mirror';

const MAX_CONFIG_BYTES = 1024 * 1024;

/** The base custodian's key, which alone writes mirrors; the predicate says what the signature is for. */
function queryOf(
  { policy }: Pick<DatabaseMirrorDeps, 'policy'>,
  { repository, digest }: MirroredDatabase,
): BundleQuery {
  return {
    image: { repository, digest },
    predicateType: DATABASE_PREDICATE_TYPE,
    keyId: KEY_IDS.bases,
    log: policy.signing.transparencyLog === 'required',
  };
}

/** Whether it is all there: under its tag, and with a signature that counts now. */
export async function isMirrored(
  deps: DatabaseMirrorDeps,
  database: MirroredDatabase,
): Promise<boolean> {
  const { repository, digest, kind } = database;
  const found = await deps.registry.resolve(repository, DATABASE_LAYOUTS[kind].tag);
  if (found?.digest !== digest) return false;
  return (await findVerifiedBundle(deps, queryOf(deps, database))) !== null;
}

interface Publication {
  readonly source: DatabaseSource;
  readonly manifest: Manifest;
  readonly database: MirroredDatabase;
  readonly layerFile: string;
}

async function copyContent(
  { content }: DatabaseMirrorDeps,
  { source, manifest, database, layerFile }: Publication,
): Promise<void> {
  const { repository } = database;
  const [layer] = manifest.layers;
  const { config } = manifest;
  if (config && !(await content.hasBlob({ repository, digest: config.digest }))) {
    const from = { repository: source.repository, digest: config.digest };
    const bytes = await source.registry.getBlob(from, MAX_CONFIG_BYTES);
    await content.pushBlob({ repository, digest: config.digest }, chunksOf(bytes));
  }
  if (layer && !(await content.hasBlob({ repository, digest: layer.digest }))) {
    const chunks: AsyncIterable<Uint8Array> = createReadStream(layerFile);
    await content.pushBlob({ repository, digest: layer.digest }, chunks);
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one chunk
async function* chunksOf(bytes: Buffer): AsyncIterable<Uint8Array> {
  yield bytes;
}

/**
 * Puts it in our registry as it is, signs it, and moves the tag last: who goes by the tag never sees what is not signed. Safe to
 * repeat at any point.
 */
export async function publishDatabase(
  deps: DatabaseMirrorDeps,
  publication: Publication,
): Promise<void> {
  const { manifest, database } = publication;
  const { repository, digest, fileDigest, kind, updatedAt, source, mirroredAt } = database;
  const { bytes, mediaType } = manifest;
  await copyContent(deps, publication);
  await deps.content.pushManifest(repository, { bytes, mediaType });
  const query = queryOf(deps, database);
  const predicate = { kind, fileDigest, updatedAt, source };
  const statement = statementFor(digest, DATABASE_PREDICATE_TYPE, predicate);
  await attachBundle(deps, query, await obtainBundle(deps, query, statement), mirroredAt);
  await deps.content.pushManifest(repository, { bytes, mediaType }, DATABASE_LAYOUTS[kind].tag);
}
