import type { Ledger } from '../../ports/ledger';
import { createAuditStore } from './audit';
import { createMoveStore } from './channel-moves';
import { createChannelReads } from './channels';
import { createDatabase, type PostgresOptions } from './database';
import { createDigestStore } from './digests';
import { createEpochStore } from './epochs';
import { createRecordStore } from './records';
import { createReleaseFactsStore } from './release-facts';
import { createReleaseStore } from './releases';
import { createRetryStore } from './retries';
import { createRevertKeyStore } from './revert-keys';
import { createTagStore } from './tags';
import { createVerdictStore } from './verdicts';

export interface PostgresLedger extends Ledger {
  /** Waits for running queries, then closes every connection. */
  close(): Promise<void>;
}

/** The ledger in Postgres 15 or newer. It connects when first asked; `migrate` makes the schema. */
export function createPostgresLedger(options: PostgresOptions): PostgresLedger {
  const db = createDatabase(options);
  return {
    ...createReleaseStore(db),
    ...createVerdictStore(db),
    ...createRetryStore(db),
    ...createChannelReads(db),
    ...createMoveStore(db),
    ...createEpochStore(db),
    ...createRevertKeyStore(db),
    ...createDigestStore(db),
    ...createTagStore(db),
    ...createAuditStore(db),
    ...createRecordStore(db),
    ...createReleaseFactsStore(db),
    close: async () => db.close(),
  };
}
