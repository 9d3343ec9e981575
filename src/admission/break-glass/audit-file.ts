import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { AuditLine } from '../../contract/schema/audit-line';
import type { AuditEntry } from '../../ports/ledger';

export interface WaitingEntry {
  readonly key: string;
  readonly entry: AuditEntry;
}

/** Audit entries on this machine's disk, for as long as Postgres is away. */
export interface AuditFile {
  /**
   * On disk when it returns.
   *
   * @throws ReleaseError LEDGER_UNAVAILABLE when it can't be written, or is not the file that was written before
   */
  append(line: WaitingEntry): Promise<void>;
  /** Everything in it, in order. */
  readAll(): Promise<readonly WaitingEntry[]>;
  close(): Promise<void>;
}

function lost(file: string, why: string, cause?: unknown): ReleaseError {
  return new ReleaseError('LEDGER_UNAVAILABLE', `The audit file ${file} ${why}`, {
    cause,
    details: { file, remedy: 'find out who changed it, then start the webhook again' },
  });
}

/** Somebody who moves or cuts the file takes away what was let in: then nothing more is. */
async function assertUntouched(file: string, handle: FileHandle, size: number): Promise<void> {
  const [mine, there] = await Promise.all([handle.stat(), stat(file)]);
  if (mine.ino !== there.ino || mine.dev !== there.dev || there.size !== size) {
    throw lost(file, 'was changed by somebody else');
  }
}

function parseLine(file: string, text: string): WaitingEntry {
  try {
    return AuditLine.parse(JSON.parse(text));
  } catch (cause) {
    throw lost(file, 'has a line that is no audit entry', cause);
  }
}

/** @throws ReleaseError LEDGER_UNAVAILABLE when it can't be opened for appending. */
export async function openAuditFile(file: string): Promise<AuditFile> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'a', 0o600);
  } catch (cause) {
    throw lost(file, `can't be opened: ${failureReason(cause)}`, cause);
  }
  let size = (await handle.stat()).size;
  let last: Promise<void> = Promise.resolve();

  async function write(line: WaitingEntry): Promise<void> {
    try {
      await assertUntouched(file, handle, size);
      const text = Buffer.from(`${JSON.stringify(line)}\n`);
      await handle.appendFile(text);
      await handle.datasync();
      size += text.length;
    } catch (cause) {
      throw cause instanceof ReleaseError
        ? cause
        : lost(file, `can't be written: ${failureReason(cause)}`, cause);
    }
  }

  return {
    append: (line) => {
      // One at a time, since each looks at the size that the one before left.
      const mine = last.then(() => write(line));
      last = mine.catch(() => undefined);
      return mine;
    },
    readAll: async () => {
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
      return lines.map((line) => parseLine(file, line));
    },
    close: async () => {
      await last;
      await handle.close();
    },
  };
}
