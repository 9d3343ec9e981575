import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pushBlob } from '../../src/adapters/oci/blobs';
import { createOciHttp } from '../../src/adapters/oci/http';
import { putManifest } from '../../src/adapters/oci/manifests';
import { EMPTY_BYTES, EMPTY_TYPE, OCI_MANIFEST } from '../../src/adapters/oci/media-types';
import { sha256 } from '../../src/adapters/oci/schema';
import { DATABASE_LAYOUTS } from '../../src/domain/advisories/database-mirror';
import type { Digest } from '../../src/domain/digest';
import { writeLayer, type LayerEntry } from '../../src/local/seed/tar-layer';

export const ARTIFACT_TYPE = 'application/vnd.aquasec.trivy.config.v1+json';

/** The layer of a database as its publisher packs it. */
export async function databaseLayer(
  folder: string,
  database: Buffer,
  updatedAt: string,
  extra: readonly LayerEntry[] = [],
): Promise<Buffer> {
  const metadata = {
    Version: 2,
    UpdatedAt: updatedAt,
    NextUpdate: updatedAt,
    DownloadedAt: updatedAt,
  };
  const file = join(folder, 'layer.tar.gz');
  await rm(file, { force: true });
  const entries = [
    { path: 'trivy.db', mode: 0o644, content: database },
    { path: 'metadata.json', mode: 0o644, content: Buffer.from(JSON.stringify(metadata)) },
    ...extra,
  ];
  await writeLayer(entries, file);
  return readFile(file);
}

/** Pushes it under a tag, as the scanner's project lays it out, or as `over` says. */
export async function pushDatabase(
  url: string,
  repository: string,
  layer: Buffer,
  over: object = {},
): Promise<Digest> {
  const http = createOciHttp({ url, timeoutMs: 15_000 });
  await pushBlob(http, repository, EMPTY_BYTES);
  await pushBlob(http, repository, layer);
  const empty = { mediaType: EMPTY_TYPE, digest: sha256(EMPTY_BYTES), size: EMPTY_BYTES.length };
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType: ARTIFACT_TYPE,
    config: empty,
    layers: [
      {
        mediaType: DATABASE_LAYOUTS.vulnerabilities.layerType,
        digest: sha256(layer),
        size: layer.length,
        annotations: { 'org.opencontainers.image.title': 'db.tar.gz' },
      },
    ],
    ...over,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  await putManifest(http, repository, '2', { bytes, mediaType: OCI_MANIFEST });
  return sha256(bytes);
}
