import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createOciHttp } from '../../src/adapters/oci/http';
import { DATABASE_LAYOUTS, type DatabaseKind } from '../../src/domain/advisories/database-mirror';
import type { Digest } from '../../src/domain/digest';
import { writeLayer, type LayerEntry } from '../../src/local/seed/tar-layer';
import { databaseManifest, pushDatabase } from '../../src/local/seed/vendor-database';

interface LayerInput {
  readonly kind?: DatabaseKind;
  readonly database: Buffer;
  readonly updatedAt: string;
  /** Files that do not belong there. */
  readonly extra?: readonly LayerEntry[];
}

/** The layer of a database as its publisher packs it; `folder` is for drafts. */
export async function databaseLayer(folder: string, input: LayerInput): Promise<Buffer> {
  const { kind = 'vulnerabilities', database, updatedAt, extra = [] } = input;
  const { file: name, schema: Version } = DATABASE_LAYOUTS[kind];
  const times = { UpdatedAt: updatedAt, NextUpdate: updatedAt, DownloadedAt: updatedAt };
  const metadata = JSON.stringify({ Version, ...times });
  const file = join(folder, 'layer.tar.gz');
  await rm(file, { force: true });
  const entries = [
    { path: name, mode: 0o644, content: database },
    { path: 'metadata.json', mode: 0o644, content: Buffer.from(metadata) },
    ...extra,
  ];
  await writeLayer(entries, file);
  return readFile(file);
}

interface Published {
  readonly repository: string;
  readonly kind?: DatabaseKind;
  readonly layer: Buffer;
  /** What its manifest says otherwise. */
  readonly over?: object;
}

/** Pushes it under the tag of its schema. */
export async function publishDatabase(
  url: string,
  { repository, kind = 'vulnerabilities', layer, over = {} }: Published,
): Promise<Digest> {
  const manifest = { ...databaseManifest(kind, layer), ...over };
  const { tag } = DATABASE_LAYOUTS[kind];
  const http = createOciHttp({ url, timeoutMs: 15_000 });
  return pushDatabase(http, { repository, tag, manifest, layer });
}
