import { opendir, stat } from 'node:fs/promises';
import path from 'node:path';
import { inParallel } from '../../contract/in-parallel';

const PARALLEL = 16;

/** What was deleted while we look counts nothing. */
async function sizeOf(file: string): Promise<number> {
  try {
    const { size } = await stat(file);
    return size;
  } catch {
    return 0;
  }
}

/** Bytes of all files below `folder`; links are not followed. Null when it can't be read. */
export async function diskUsage(folder: string, signal: AbortSignal): Promise<number | null> {
  let sum = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    signal.throwIfAborted();
    const files: string[] = [];
    try {
      for await (const entry of await opendir(next)) {
        const name = path.join(next, entry.name);
        if (entry.isDirectory()) folders.push(name);
        else if (entry.isFile()) files.push(name);
      }
    } catch {
      if (next === folder) return null;
    }
    for (const size of await inParallel(files, PARALLEL, sizeOf)) sum += size;
  }
  return sum;
}
