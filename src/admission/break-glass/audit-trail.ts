import type { Logger } from 'pino';
import { failureReason } from '../../contract/error-reason';
import type { AuditEntry, Ledger } from '../../ports/ledger';
import { within } from '../time-limit';
import type { AuditFile, WaitingEntry } from './audit-file';

/** Where it is written who let in what could not be checked. */
export interface AuditTrail {
  /** @throws ReleaseError when it could be written nowhere: then it must not happen. */
  record(entry: AuditEntry, key: string): Promise<void>;
  /** Carries to Postgres what waits in the file; what is there already stays once. */
  carryOver(): Promise<void>;
}

interface AuditTrailOptions {
  readonly ledger: Pick<Ledger, 'appendAudit'>;
  readonly file: AuditFile;
  readonly ledgerMs: number;
  readonly log: Pick<Logger, 'warn' | 'info'>;
}

/** In Postgres, else in the file. What the file holds from before waits to be carried over. */
export async function createAuditTrail({
  ledger,
  file,
  ledgerMs,
  log,
}: AuditTrailOptions): Promise<AuditTrail> {
  let waiting: readonly WaitingEntry[] = await file.readAll();

  return {
    record: async (entry, key) => {
      try {
        await within(ledger.appendAudit(entry, key), ledgerMs, 'Postgres');
      } catch (error) {
        log.warn({ reason: failureReason(error), key }, 'audit entry goes to the file');
        const line = { key, entry };
        await file.append(line);
        waiting = [...waiting, line];
      }
    },
    carryOver: async () => {
      const carried = waiting;
      for (const { entry, key } of carried) {
        await within(ledger.appendAudit(entry, key), ledgerMs, 'Postgres');
        waiting = waiting.filter((line) => line.key !== key);
      }
      if (carried.length > 0) log.info({ entries: carried.length }, 'audit entries carried over');
    },
  };
}
