import type { ReleaseStatus } from '../src/domain/release';
import type { AuditEntry } from '../src/ports/ledger';
import type { Notification } from '../src/ports/notifier';
import type { Deps } from './deps';

export interface SaveStatusInput {
  readonly status: ReleaseStatus;
  readonly runId: string;
  readonly sequence: number;
}

export interface AuditInput {
  readonly entry: AuditEntry;
  readonly idempotencyKey: string;
}

export interface StatusActivities {
  saveStatus(input: SaveStatusInput): Promise<void>;
  appendAudit(input: AuditInput): Promise<void>;
  notify(input: Notification): Promise<void>;
}

export function createStatusActivities(deps: Pick<Deps, 'ledger' | 'notifier'>): StatusActivities {
  return {
    saveStatus: ({ status, runId, sequence }) => deps.ledger.saveStatus(status, runId, sequence),
    appendAudit: ({ entry, idempotencyKey }) => deps.ledger.appendAudit(entry, idempotencyKey),
    notify: (notification) => deps.notifier.send(notification),
  };
}
