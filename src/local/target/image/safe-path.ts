import { lstat, mkdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ReleaseError } from '../../../contract/errors';

const MAX_HOPS = 40;

export function refuseLayer(reason: string): never {
  throw new ReleaseError('ROLLOUT_FAILED', `layer refused: ${reason}`, {
    details: { remedy: 'Build the image again with a builder you trust.' },
  });
}

/** Components of an archive's name, relative to the root file system. Refuses names that climb. */
export function splitEntryName(name: string): readonly string[] {
  if (name.includes('\0')) {
    refuseLayer('an entry name holds a NUL byte');
  }
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) {
    refuseLayer(`entry "${name}" climbs out of the image`);
  }
  return parts;
}

type Found =
  | { readonly kind: 'missing' | 'directory' | 'other' }
  | { readonly kind: 'link'; readonly target: string };

async function lookAt(path: string): Promise<Found> {
  const stats = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  });
  if (!stats) {
    return { kind: 'missing' };
  }
  if (stats.isSymbolicLink()) {
    return { kind: 'link', target: await readlink(path) };
  }
  return { kind: stats.isDirectory() ? 'directory' : 'other' };
}

/**
 * The directory `parts` names below `root`, with symbolic links followed as the container would: `/` is `root`, and
 * `..` stops there. A layer may so write through a link of an earlier layer (`/lib` → `usr/lib`) yet never outside.
 * Missing directories are made when `create`, else null is returned.
 */
export async function resolveDirectory(
  root: string,
  parts: readonly string[],
  create: boolean,
): Promise<string | null> {
  const left = [...parts];
  let done: string[] = [];
  let hops = 0;
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    if (part === '' || part === '.') {
      continue;
    }
    if (part === '..') {
      done.pop();
      continue;
    }
    const path = join(root, ...done, part);
    const found = await lookAt(path);
    if (found.kind === 'link') {
      hops += 1;
      if (hops > MAX_HOPS) {
        refuseLayer(`too many symbolic links at "${parts.join('/')}"`);
      }
      done = found.target.startsWith('/') ? [] : done;
      left.unshift(...found.target.split('/'));
      continue;
    }
    if (found.kind === 'other') {
      return refuseLayer(`"${parts.join('/')}" goes through a file`);
    }
    if (found.kind === 'missing') {
      if (!create) {
        return null;
      }
      await mkdir(path, { mode: 0o755 });
    }
    done.push(part);
  }
  return join(root, ...done);
}
