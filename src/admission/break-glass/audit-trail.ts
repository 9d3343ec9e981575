import type { Logger } from 'pino';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import type { AuditEntry, Ledger } from '../../ports/ledger';
import { within } from '../time-limit';
import type { AuditFile } from './audit-file';
import type { WaitingEntry } from './audit-lines';

/** Where it is written who let in what could not be checked. */
export interface AuditTrail {
  /** Why nothing is recorded until the next start, one sentence without a full stop; null: it is. */
  readonly off: string | null;
  /** @throws ReleaseError when it could be written nowhere, or the trail is off: then it must not happen. */
  record(entry: AuditEntry, key: string): Promise<void>;
  /** Carries to Postgres what waits in the file; what is there already stays once. */
  carryOver(): Promise<void>;
}

interface AuditTrailOptions {
  readonly ledger: Pick<Ledger, 'appendAudit'>;
  readonly file: AuditFile;
  readonly ledgerMs: number;
  readonly log: Pick<Logger, 'error' | 'warn' | 'info'>;
}

/**
 * In Postgres, else in the file. What the file holds from before waits to be carried over. Off with a faulty file, also while Postgres
 * answers: somebody may have changed it to hide what was let in, and Postgres may be gone by the next time.
 */
export function createAuditTrail({ ledger, file, ledgerMs, log }: AuditTrailOptions): AuditTrail {
  let waiting: readonly WaitingEntry[] = file.left;
  const off =
    file.fault === null ? null : "its audit file can't be used, the log of the webhook says why";

  async function keep(line: WaitingEntry): Promise<void> {
    try {
      await file.append(line);
    } catch (error) {
      log.error({ reason: failureReason(error), key: line.key }, 'audit entry is written nowhere');
      throw error;
    }
    waiting = [...waiting, line];
  }

  return {
    off,
    record: async (entry, key) => {
      if (off !== null) throw new ReleaseError('LEDGER_UNAVAILABLE', `No audit trail: ${off}`);
      try {
        await within(ledger.appendAudit(entry, key), ledgerMs, 'Postgres');
      } catch (error) {
        log.warn({ reason: failureReason(error), key }, 'audit entry goes to the file');
        await keep({ key, entry });
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
