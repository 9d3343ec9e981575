import { open, readFile, type FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { failureReason } from '../../contract/error-reason';
import { readAuditLines, type WaitingEntry } from './audit-lines';
import { createAuditWriter, lostAuditFile } from './audit-writer';

/** Audit entries on this machine's disk, for as long as Postgres is away. */
export interface AuditFile {
  /** What an earlier process left in it, in order. */
  readonly left: readonly WaitingEntry[];
  /** Why it is not written to, to go on from its name; null: it is. */
  readonly fault: string | null;
  /**
   * On disk when it returns.
   *
   * @throws ReleaseError LEDGER_UNAVAILABLE when it can't be written, or is not the file that was written before
   */
  append(line: WaitingEntry): Promise<void>;
  close(): Promise<void>;
}

const SETTLE_MS = 500;

type Log = Pick<Logger, 'warn' | 'error'>;

/** A power loss or a full disk in the middle of a line. What is cut off is not understood, so it is kept. */
async function cutTorn(
  file: string,
  {
    handle,
    from,
    torn,
    log,
  }: {
    readonly handle: FileHandle;
    /** Where it begins. */
    readonly from: number;
    readonly torn: Buffer;
    readonly log: Log;
  },
): Promise<void> {
  // Half a line may be one that another replica writes just now, which is whole in a moment.
  await sleep(SETTLE_MS);
  if ((await handle.stat()).size !== from + torn.length) throw new Error('somebody writes to it');
  const keptIn = `${file}.torn`;
  const kept = await open(keptIn, 'a', 0o600);
  try {
    await kept.appendFile(Buffer.concat([torn, Buffer.from('\n')]));
    await kept.datasync();
  } finally {
    await kept.close();
  }
  await handle.truncate(from);
  await handle.datasync();
  const bytes = torn.length;
  log.warn({ file, bytes, keptIn }, 'the last line of the audit file was torn, and is cut off');
}

function faulty(
  file: string,
  fault: string,
  { left, log }: { readonly left: readonly WaitingEntry[]; readonly log: Log },
): AuditFile {
  log.error({ file, reason: fault }, 'nothing is written to the audit file');
  return {
    left,
    fault,
    append: () => Promise.reject(lostAuditFile(file, fault)),
    close: () => Promise.resolve(),
  };
}

function writable(
  file: string,
  handle: FileHandle,
  size: number,
): Pick<AuditFile, 'append' | 'close'> {
  const write = createAuditWriter(file, handle, size);
  let last: Promise<void> = Promise.resolve();
  return {
    append: (line) => {
      // One at a time, since each looks at the size that the one before left.
      const mine = last.then(() => write(line));
      last = mine.catch(() => undefined);
      return mine;
    },
    close: async () => {
      await last;
      await handle.close();
    },
  };
}

interface Prepared {
  readonly left: readonly WaitingEntry[];
  readonly fault: string | null;
}

async function prepare(file: string, handle: FileHandle, log: Log): Promise<Prepared> {
  const bytes = await readFile(file);
  const { entries: left, unreadable, torn } = readAuditLines(bytes);
  const [first, ...more] = unreadable;
  if (first !== undefined) {
    const others = more.length > 0 ? ` and in ${more.length} more` : '';
    return { left, fault: `has no audit entry in line ${first}${others}` };
  }
  try {
    const from = bytes.length - torn.length;
    if (torn.length > 0) await cutTorn(file, { handle, from, torn, log });
  } catch (error) {
    return { left, fault: `has a torn last line that can't be kept: ${failureReason(error)}` };
  }
  return { left, fault: null };
}

/**
 * Never throws: a file that can't be used has a fault, and stays as it is. A torn last line, which nobody was told to be written, is
 * no fault: it is cut off and kept in `<file>.torn`.
 */
export async function openAuditFile(file: string, log: Log): Promise<AuditFile> {
  let handle: FileHandle | null = null;
  let left: readonly WaitingEntry[] = [];
  try {
    handle = await open(file, 'a+', 0o600);
    const prepared = await prepare(file, handle, log);
    ({ left } = prepared);
    if (prepared.fault === null) {
      const { size } = await handle.stat();
      return { ...prepared, ...writable(file, handle, size) };
    }
    await handle.close();
    return faulty(file, prepared.fault, { left, log });
  } catch (error) {
    await handle?.close().catch(() => undefined);
    return faulty(file, `can't be opened or read: ${failureReason(error)}`, { left, log });
  }
}
