import { stat, type FileHandle } from 'node:fs/promises';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import type { WaitingEntry } from './audit-lines';

/** What an audit file throws. `why` goes on from its name. */
export function lostAuditFile(file: string, why: string, cause?: unknown): ReleaseError {
  return new ReleaseError('LEDGER_UNAVAILABLE', `The audit file ${file} ${why}`, {
    cause,
    details: { file, remedy: 'find out who changed it, then start the webhook again' },
  });
}

/** Somebody who moves or cuts the file takes away what was let in: then nothing more is. */
async function assertUntouched(file: string, handle: FileHandle, size: number): Promise<void> {
  const [mine, there] = await Promise.all([handle.stat(), stat(file)]);
  if (mine.ino !== there.ino || mine.dev !== there.dev || there.size !== size) {
    throw lostAuditFile(file, 'was changed by somebody else');
  }
}

/** Whether all that stands after `size` is the begin of `text`. */
async function endsWithin(handle: FileHandle, size: number, text: Buffer): Promise<boolean> {
  const length = (await handle.stat()).size - size;
  if (length < 0 || length > text.length) return false;
  const end = Buffer.alloc(length);
  await handle.read(end, 0, length, size);
  return end.equals(text.subarray(0, length));
}

/**
 * Appends to an open file of `size` bytes that nobody else writes to, on disk when it returns; not twice at a time.
 *
 * @throws ReleaseError LEDGER_UNAVAILABLE when it can't be written, or is not the file that was written before
 */
export function createAuditWriter(
  file: string,
  handle: FileHandle,
  size: number,
): (line: WaitingEntry) => Promise<void> {
  let end = size;
  let halfWritten: Buffer | null = null;

  /** A full disk takes half a line: the next would go on from there, and the file would seem to be changed. */
  async function cutBack(): Promise<void> {
    if (halfWritten && (await endsWithin(handle, end, halfWritten))) {
      await handle.truncate(end);
      await handle.datasync();
    }
    halfWritten = null;
  }

  async function write(line: WaitingEntry): Promise<void> {
    await cutBack();
    await assertUntouched(file, handle, end);
    const text = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      await handle.appendFile(text);
      await handle.datasync();
    } catch (cause) {
      halfWritten = text;
      // Once more before the next one.
      await cutBack().catch(() => undefined);
      throw cause;
    }
    end += text.length;
  }

  return async (line) => {
    try {
      await write(line);
    } catch (cause) {
      throw cause instanceof ReleaseError
        ? cause
        : lostAuditFile(file, `can't be written: ${failureReason(cause)}`, cause);
    }
  };
}
