import { stat } from 'node:fs/promises';

interface ReloadedFileOptions<T> {
  readonly file: string;
  /** What the file says now; throws when it can't be understood. */
  readonly load: () => T;
  /** How often the file is looked at, in ms. */
  readonly everyMs: number;
  /** Told once of content that can't be understood; what was read before it stays. */
  readonly onBadFile: (error: unknown) => void;
}

/** Size, time and inode: a mount that swaps a link changes the last. Null while there is none. */
async function markOf(file: string): Promise<string | null> {
  try {
    const { size, mtimeMs, ino } = await stat(file);
    return `${size}/${mtimeMs}/${ino}`;
  } catch {
    return null;
  }
}

/**
 * What a file says, read again when it changes: a key is added or called back without a restart. Throws what the first `load`
 * throws.
 */
export async function createReloadedFile<T>({
  file,
  load,
  everyMs,
  onBadFile,
}: ReloadedFileOptions<T>): Promise<() => Promise<T>> {
  let mark = await markOf(file);
  let value = load();
  let lookedAt = performance.now();
  let looking = Promise.resolve();

  async function look(): Promise<void> {
    const found = await markOf(file);
    if (found === null || found === mark) return;
    mark = found;
    try {
      value = load();
    } catch (error) {
      onBadFile(error);
    }
  }

  return async () => {
    if (performance.now() - lookedAt >= everyMs) {
      lookedAt = performance.now();
      looking = look();
    }
    await looking;
    return value;
  };
}
