import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lchown, link, lstat, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { extract, type ExtractEvents, type Header } from 'tar-stream';
import { refuseLayer, resolveDirectory, splitEntryName } from './safe-path';

type Entry = ExtractEvents['entry'][1];

const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

/** What is left for the whole image; shared by its layers. */
export interface UnpackBudget {
  bytes: number;
  entries: number;
}

interface Unpacking {
  readonly root: string;
  /** Host paths this layer made: whiteouts speak of lower layers only (image-spec, layer.md, "Whiteouts"). */
  readonly made: Set<string>;
  readonly budget: UnpackBudget;
  /** Owners are kept only where this process may give files away. */
  readonly keepOwners: boolean;
}

/** Applies one layer to `root`. Throws ROLLOUT_FAILED for a layer that is malformed, too big or climbs out. */
export async function unpackLayer(
  file: string,
  mediaType: string,
  root: string,
  budget: UnpackBudget,
): Promise<void> {
  const unpacking: Unpacking = {
    root,
    made: new Set(),
    budget,
    keepOwners: process.getuid?.() === 0,
  };
  const archive = extract();
  const source = pipeline([
    createReadStream(file),
    ...decompressor(mediaType),
    meter(budget),
    // A streamx writable: Node's pipeline takes it, its types don't say so.
    archive as unknown as NodeJS.WritableStream,
  ]);
  // The loop below reports first; without this a failing pipeline would be an unhandled rejection meanwhile.
  source.catch(() => undefined);
  for await (const entry of archive) {
    await applyEntry(unpacking, entry);
    entry.resume();
  }
  await source;
}

function decompressor(mediaType: string): NodeJS.ReadWriteStream[] {
  if (mediaType.includes('gzip')) {
    return [createGunzip()];
  }
  return mediaType.includes('zstd') ? [createZstdDecompress()] : [];
}

function meter(budget: UnpackBudget): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done): void {
      budget.bytes -= chunk.length;
      done(budget.bytes < 0 ? new Error('the image unpacks to more than the limit') : null, chunk);
    },
  });
}

async function applyEntry(unpacking: Unpacking, entry: Entry): Promise<void> {
  const { header } = entry;
  unpacking.budget.entries -= 1;
  if (unpacking.budget.entries < 0) {
    refuseLayer('the image holds more files than the limit');
  }
  const parts = splitEntryName(header.name);
  const name = parts.at(-1);
  if (name === undefined) {
    return;
  }
  const parentParts = parts.slice(0, -1);
  if (name.startsWith(WHITEOUT)) {
    const parent = await resolveDirectory(unpacking.root, parentParts, false);
    if (parent !== null) {
      await applyWhiteout(unpacking, parent, name);
    }
    return;
  }
  const parent = (await resolveDirectory(unpacking.root, parentParts, true)) ?? unpacking.root;
  await writeEntry(unpacking, join(parent, name), header, entry);
}

async function applyWhiteout(unpacking: Unpacking, parent: string, name: string): Promise<void> {
  const gone = name === OPAQUE ? await readdir(parent) : [name.slice(WHITEOUT.length)];
  for (const child of gone) {
    if (child === '' || child === '.' || child === '..') {
      refuseLayer(`whiteout "${name}" names no file`);
    }
    const path = join(parent, child);
    if (!unpacking.made.has(path)) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

async function writeEntry(
  unpacking: Unpacking,
  path: string,
  header: Header,
  content: Entry,
): Promise<void> {
  switch (header.type) {
    case 'directory':
      await makeDirectory(path);
      break;
    case 'file':
    case 'contiguous-file':
      await rm(path, { recursive: true, force: true });
      // "wx": never writes through a link that stands there.
      await pipeline(
        content as unknown as NodeJS.ReadableStream,
        createWriteStream(path, { flags: 'wx', mode: 0o600 }),
      );
      break;
    case 'symlink':
      await rm(path, { recursive: true, force: true });
      await symlink(header.linkname, path);
      break;
    case 'link':
      await makeHardLink(unpacking.root, header.linkname, path);
      break;
    default:
      // Devices and FIFOs: the runtime gives a container the devices it may have.
      return;
  }
  remember(unpacking, path);
  await setOwnerAndMode(unpacking, path, header);
}

async function makeDirectory(path: string): Promise<void> {
  const stats = await lstat(path).catch(() => null);
  if (stats?.isDirectory()) {
    return;
  }
  await rm(path, { recursive: true, force: true });
  await mkdir(path);
}

async function makeHardLink(root: string, linkname: string, path: string): Promise<void> {
  const parts = splitEntryName(linkname);
  const parent = await resolveDirectory(root, parts.slice(0, -1), false);
  const name = parts.at(-1);
  if (parent === null || name === undefined) {
    return refuseLayer(`hard link to "${linkname}", which isn't there`);
  }
  const target = join(parent, name);
  if (target !== path) {
    await rm(path, { recursive: true, force: true });
    await link(target, path);
  }
}

function remember({ made, root }: Unpacking, path: string): void {
  for (let one = path; one !== root && !made.has(one); one = dirname(one)) {
    made.add(one);
  }
}

async function setOwnerAndMode(
  { keepOwners }: Unpacking,
  path: string,
  { type, mode, uid, gid }: Header,
): Promise<void> {
  if (type === 'link') {
    return;
  }
  if (keepOwners) {
    await lchown(path, uid, gid);
  }
  if (type !== 'symlink') {
    // Without set-id bits: the container runs with no-new-privileges, where they mean nothing.
    await chmod(path, mode & 0o1777);
  }
}
