import { close, constants, fstat, lstat, open, read, type Stats } from 'node:fs';
import { opendir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { inParallel } from '../../contract/in-parallel';
import { ReleaseError } from '../../contract/errors';

/** Never through a link, and never waiting for the other end of a pipe. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const LISTED_AT_ONCE = 512;

export interface ReadFile {
  readonly bytes: Buffer;
  readonly modifiedAtMs: number;
}

export type FileAnswer = ReadFile | 'absent' | 'unreadable' | 'too-large';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What is true of one file and not of the whole disk. */
function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}

/** A small regular file. With callbacks, as a scan reads hundreds of thousands of them. */
export function readSmallFile(path: string, maxBytes: number): Promise<FileAnswer> {
  return new Promise((resolve) => {
    open(path, FLAGS, (failed, file) => {
      if (failed) {
        resolve(isAbsent(failed) ? 'absent' : 'unreadable');
        return;
      }
      const end = (answer: FileAnswer): void => {
        close(file, () => {
          resolve(answer);
        });
      };
      fstat(file, (error, stats) => {
        if (error || !stats.isFile()) end('unreadable');
        else if (stats.size > maxBytes) end('too-large');
        else fill(file, stats, end);
      });
    });
  });
}

function fill(file: number, stats: Stats, end: (answer: FileAnswer) => void): void {
  const bytes = Buffer.allocUnsafe(stats.size);
  const more = (from: number): void => {
    read(file, bytes, from, bytes.length - from, from, (error, got) => {
      if (error || (got === 0 && from < bytes.length)) end('unreadable');
      else if (from + got < bytes.length) more(from + got);
      else end({ bytes, modifiedAtMs: Math.floor(stats.mtimeMs) });
    });
  };
  more(0);
}

/** Size of a regular file; null when there is none. */
export function sizeOfFile(path: string): Promise<number | null> {
  return new Promise((resolve) => {
    lstat(path, (error, stats) => {
      resolve(error || !stats.isFile() ? null : stats.size);
    });
  });
}

/** What is there itself; a link to a folder is no folder. */
export function kindOfEntry(path: string): Promise<'folder' | 'absent' | 'other'> {
  return new Promise((resolve) => {
    lstat(path, (error, stats) => {
      if (error) resolve(isAbsent(error) ? 'absent' : 'other');
      else resolve(stats.isDirectory() ? 'folder' : 'other');
    });
  });
}

/**
 * Entries of a folder, `parallel` at a time, without ever holding the list; none for a folder that is not there.
 *
 * @throws ReleaseError REGISTRY_UNAVAILABLE when it can't be listed
 */
export async function forEachEntry(
  folder: string,
  parallel: number,
  signal: AbortSignal,
  run: (entry: Dirent) => Promise<void>,
): Promise<void> {
  let batch: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { bufferSize: LISTED_AT_ONCE })) {
      batch.push(entry);
      if (batch.length < LISTED_AT_ONCE) continue;
      signal.throwIfAborted();
      await inParallel(batch, parallel, run);
      batch = [];
    }
  } catch (error) {
    if (isAbsent(error)) return;
    throw toUnavailable(error, folder);
  }
  signal.throwIfAborted();
  await inParallel(batch, parallel, run);
}

export function toUnavailable(error: unknown, folder: string): unknown {
  if (codeOf(error) === '' || error instanceof ReleaseError) return error;
  return new ReleaseError('REGISTRY_UNAVAILABLE', `The registry's storage can not be read`, {
    cause: error,
    details: { folder, remedy: 'check that the folder is mounted and readable' },
  });
}
