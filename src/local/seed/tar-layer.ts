import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack, type Header, type Pack } from 'tar-stream';
import type { Digest } from '../../domain/digest';

export interface LayerEntry {
  /** Without a leading slash. */
  readonly path: string;
  readonly mode: number;
  /** Absent, and no link: a folder. A string is a file to read. */
  readonly content?: Buffer | string;
  /** A hard link names another path of the layer, before it. */
  readonly link?: { readonly symbolic: string } | { readonly hard: string };
  /** Default: 1970, so that the same files give the same layer. */
  readonly mtime?: Date;
  /** Owner and group; default 0. */
  readonly owner?: number;
}

export interface Layer {
  /** Of the compressed bytes. */
  readonly digest: Digest;
  /** Of the tar (image-spec, config.md, "rootfs"). */
  readonly diffId: Digest;
  readonly size: number;
}

function kindOf({ content, link }: LayerEntry): Partial<Pick<Header, 'type' | 'linkname'>> {
  if (!link) return { type: content === undefined ? 'directory' : 'file' };
  return 'hard' in link
    ? { type: 'link', linkname: link.hard }
    : { type: 'symlink', linkname: link.symbolic };
}

async function addEntry(tar: Pack, entry: LayerEntry): Promise<void> {
  const { path, mode, owner = 0, mtime = new Date(0) } = entry;
  const header = { name: path, mode, mtime, uid: owner, gid: owner, uname: '', gname: '' };
  const bytes = typeof entry.content === 'string' ? await readFile(entry.content) : entry.content;
  await new Promise<void>((resolve, reject) => {
    // An empty buffer in the entry of a folder or a link only makes tar-stream flush its header.
    tar.entry({ ...header, ...kindOf(entry) }, bytes ?? Buffer.alloc(0), (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Writes a layer; gzip at its fastest, since it travels over the loopback only. */
export async function writeLayer(
  entries: AsyncIterable<LayerEntry> | Iterable<LayerEntry>,
  file: string,
): Promise<Layer> {
  const tar = pack({});
  const plain = createHash('sha256');
  const compressed = createHash('sha256');
  let size = 0;
  async function* hashPlain(chunks: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      plain.update(chunk);
      yield chunk;
    }
  }
  async function* hashCompressed(chunks: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      compressed.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  async function fill(): Promise<void> {
    try {
      for await (const entry of entries) {
        await addEntry(tar, entry);
      }
      tar.finalize();
    } catch (error) {
      tar.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }
  await Promise.all([
    pipeline(
      tar,
      hashPlain,
      createGzip({ level: 1 }),
      hashCompressed,
      createWriteStream(file, { flags: 'wx' }),
    ),
    fill(),
  ]);
  return {
    digest: `sha256:${compressed.digest('hex')}`,
    diffId: `sha256:${plain.digest('hex')}`,
    size,
  };
}
