import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type ExtractEvents } from 'tar-stream';
import { ReleaseError } from '../../contract/errors';
import { DATABASE_LAYOUTS, type DatabaseKind } from '../../domain/advisories/database-mirror';
import type { Digest } from '../../domain/digest';
import { databaseMetadataOf } from './schema';

export interface UnpackedDatabase {
  readonly fileDigest: Digest;
  /** RFC 3339 */
  readonly updatedAt: string;
}

type Entry = ExtractEvents['entry'][1];

const METADATA = 'metadata.json';
const MAX_FILE_BYTES = 32 * 1024 ** 3;
const MAX_METADATA_BYTES = 64 * 1024;

function noDatabase(reason: string, cause?: unknown): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `It is no database of the scanner: ${reason}`, {
    cause,
    details: { remedy: 'check what its source holds' },
  });
}

/** Writes one entry; returns the digest of its bytes. */
async function writeEntry(entry: Entry, file: string, maxBytes: number): Promise<Digest> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    entry as unknown as AsyncIterable<Buffer>,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > maxBytes) throw noDatabase(`${entry.header.name} is too big`);
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file, { flags: 'wx' }),
  );
  return `sha256:${hash.digest('hex')}`;
}

/** Two files and nothing else: no folders, links or paths, so nothing can be written elsewhere. */
async function unpackEntries(
  layerFile: string,
  limits: ReadonlyMap<string, number>,
  folder: string,
): Promise<ReadonlyMap<string, Digest>> {
  const archive = extract();
  const source = pipeline([
    createReadStream(layerFile),
    createGunzip(),
    // A streamx writable: Node's pipeline takes it, its types don't say so.
    archive as unknown as NodeJS.WritableStream,
  ]);
  // The loop below reports first; without this a failing pipeline would be an unhandled rejection meanwhile.
  source.catch(() => undefined);
  const written = new Map<string, Digest>();
  for await (const entry of archive) {
    const name = entry.header.name.replace(/^\.\//, '');
    const maxBytes = limits.get(name);
    if (entry.header.type !== 'file' || maxBytes === undefined || written.has(name)) {
      throw noDatabase(`it holds ${JSON.stringify(entry.header.name)}`);
    }
    written.set(name, await writeEntry(entry, join(folder, name), maxBytes));
  }
  await source;
  return written;
}

/**
 * Unpacks a layer into the folder that the scanner looks for below `cacheDir`.
 *
 * @throws ReleaseError INVALID_INPUT when it is anything but a database of this kind
 */
export async function unpackDatabase(
  kind: DatabaseKind,
  layerFile: string,
  cacheDir: string,
): Promise<UnpackedDatabase> {
  const layout = DATABASE_LAYOUTS[kind];
  const folder = join(cacheDir, layout.folder);
  await mkdir(folder, { recursive: true });
  const limits = new Map([
    [layout.file, MAX_FILE_BYTES],
    [METADATA, MAX_METADATA_BYTES],
  ]);
  try {
    const written = await unpackEntries(layerFile, limits, folder);
    const fileDigest = written.get(layout.file);
    if (!fileDigest || !written.has(METADATA)) throw noDatabase('a file of it is missing');
    const text = await readFile(join(folder, METADATA), 'utf8');
    const { UpdatedAt: updatedAt } = databaseMetadataOf(layout.schema).parse(JSON.parse(text));
    return { fileDigest, updatedAt: new Date(updatedAt).toISOString() };
  } catch (cause) {
    throw cause instanceof ReleaseError ? cause : noDatabase('it can not be read', cause);
  }
}
