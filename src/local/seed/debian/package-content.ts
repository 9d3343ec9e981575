import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extract, type ExtractEvents } from 'tar-stream';
import type { LayerEntry } from '../tar-layer';
import type { DebianPackage } from './apt';

type TarEntry = ExtractEvents['entry'][1];

export interface PackageContent {
  readonly name: string;
  /** Of what it was built: name and version of the source package are in it. */
  readonly control: string;
  readonly md5sums: string;
  readonly entries: readonly LayerEntry[];
}

const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * The files of a package as they lie in it: its scripts are not run.
 *
 * @throws Error when the file is not the one that the archive's index names, or holds what has no place in an image
 */
export async function readPackage(
  dpkgDeb: string,
  { name, file, bytes, sha256 }: DebianPackage,
): Promise<PackageContent> {
  const content = await readFile(file);
  const digest = createHash('sha256').update(content).digest('hex');
  if (content.length !== bytes || digest !== sha256) {
    throw new Error(`${name} is not the package that the archive signed: sha256 ${digest}`);
  }
  const about = await readTar(dpkgDeb, '--ctrl-tarfile', file);
  const textOf = (path: string): string => {
    const found = about.find((entry) => entry.path === path)?.content;
    return Buffer.isBuffer(found) ? found.toString('utf8') : '';
  };
  return {
    name,
    control: textOf('control'),
    md5sums: textOf('md5sums'),
    entries: await readTar(dpkgDeb, '--fsys-tarfile', file),
  };
}

async function readTar(
  dpkgDeb: string,
  part: '--ctrl-tarfile' | '--fsys-tarfile',
  file: string,
): Promise<readonly LayerEntry[]> {
  const child = spawn(dpkgDeb, [part, file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const archive = extract();
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(new Error(`${file} can't be unpacked: dpkg-deb ended with ${code ?? 'a signal'}`));
    });
  });
  // The loop below reports first; without this a failing child would be an unhandled rejection meanwhile.
  ended.catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  child.stderr.resume();
  child.stdout.pipe(archive);
  const entries: LayerEntry[] = [];
  try {
    for await (const entry of archive) entries.push(...(await toEntry(entry)));
    await ended;
  } finally {
    // One that was given up would wait for a reader for ever.
    child.kill();
  }
  return entries;
}

/** Nothing for the root itself. */
async function toEntry(entry: TarEntry): Promise<readonly LayerEntry[]> {
  const { name, mode, type, linkname } = entry.header;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_FILE_BYTES) throw new Error(`${name} is larger than ${MAX_FILE_BYTES} bytes`);
    chunks.push(chunk);
  }
  const path = pathOf(name);
  if (path === '') return [];
  if (type === 'directory') return [{ path, mode }];
  if (type === 'file') return [{ path, mode, content: Buffer.concat(chunks) }];
  if (type === 'symlink' && linkname) return [{ path, mode, link: { symbolic: linkname } }];
  if (type === 'link' && linkname) return [{ path, mode, link: { hard: pathOf(linkname) } }];
  throw new Error(`${name} is a ${type}, which has no place in a base`);
}

function pathOf(name: string): string {
  const path = name.replace(/^\.\/?/, '').replace(/\/$/, '');
  if (path.startsWith('/') || path.split('/').includes('..')) {
    throw new Error(`${name} leads out of the image`);
  }
  return path;
}
