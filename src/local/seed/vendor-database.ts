import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pushBlob } from '../../adapters/oci/blobs';
import { createOciHttp, type OciHttp } from '../../adapters/oci/http';
import { putManifest } from '../../adapters/oci/manifests';
import { EMPTY_BYTES, EMPTY_TYPE, OCI_MANIFEST } from '../../adapters/oci/media-types';
import { sha256 } from '../../adapters/oci/schema';
import type { RegistryCredentials } from '../../contract/docker-config';
import {
  DATABASE_ARTIFACT_TYPE,
  DATABASE_LAYOUTS,
  type DatabaseKind,
} from '../../domain/advisories/database-mirror';
import type { Digest } from '../../domain/digest';
import { writeLayer } from './tar-layer';

/** Plays the registry of the scanner's project for the local stack: the mirror takes from here, and nothing scans by it. */
export const VENDOR_REPOSITORY = 'mirror/vendor/trivy-db';

/** A database as the scanner's project lays it out (trivy, pkg/oci/artifact.go). */
export function databaseManifest(kind: DatabaseKind, layer: Buffer): object {
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: DATABASE_ARTIFACT_TYPE,
    config: { mediaType: EMPTY_TYPE, digest: sha256(EMPTY_BYTES), size: EMPTY_BYTES.length },
    layers: [
      {
        mediaType: DATABASE_LAYOUTS[kind].layerType,
        digest: sha256(layer),
        size: layer.length,
        annotations: { 'org.opencontainers.image.title': 'db.tar.gz' },
      },
    ],
  };
}

interface Artifact {
  readonly repository: string;
  readonly tag: string;
  readonly manifest: object;
  readonly layer: Buffer;
}

/** Pushes a database, or what is given out as one. */
export async function pushDatabase(http: OciHttp, artifact: Artifact): Promise<Digest> {
  const { repository, tag, manifest, layer } = artifact;
  await pushBlob(http, repository, EMPTY_BYTES);
  await pushBlob(http, repository, layer);
  const bytes = Buffer.from(JSON.stringify(manifest));
  await putManifest(http, repository, tag, { bytes, mediaType: OCI_MANIFEST });
  return sha256(bytes);
}

/** The layer of the database in a folder of the scanner's cache. */
async function packDatabase(cacheDir: string, kind: DatabaseKind): Promise<Buffer> {
  const { folder, file } = DATABASE_LAYOUTS[kind];
  const work = await mkdtemp(join(cacheDir, 'work-'));
  try {
    const layer = join(work, 'db.tar.gz');
    const names = [file, 'metadata.json'];
    await writeLayer(
      names.map((name) => ({ path: name, mode: 0o644, content: join(cacheDir, folder, name) })),
      layer,
    );
    return await readFile(layer);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

interface VendorInput {
  readonly registryUrl: string;
  readonly credentials?: RegistryCredentials;
  /** Of the scanner, with the database. */
  readonly cacheDir: string;
}

/** Publishes the sample database as its vendor would. Safe to repeat: with the same files it is the same artifact. */
export async function publishVendorDatabase(input: VendorInput): Promise<Digest> {
  const { registryUrl: url, credentials, cacheDir } = input;
  const kind = 'vulnerabilities';
  const http = createOciHttp({ url, timeoutMs: 30_000, ...(credentials && { credentials }) });
  const layer = await packDatabase(cacheDir, kind);
  const { tag } = DATABASE_LAYOUTS[kind];
  const manifest = databaseManifest(kind, layer);
  return pushDatabase(http, { repository: VENDOR_REPOSITORY, tag, manifest, layer });
}
