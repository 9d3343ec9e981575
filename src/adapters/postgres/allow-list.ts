import type { AllowList } from '../../ports/allow-list';
import { createDenialStore } from './allow-list-denials';
import { readAllowFacts } from './allow-list-facts';
import { createGrantStore } from './allow-list-grants';
import { createHoldStore } from './allow-list-holds';
import type { Database, PostgresOptions } from './database';
import { listenFor } from './listen';

/** Of bigints. */
interface RevisionsRow {
  readonly allowList: string;
  readonly evidence: string;
}

export function createPostgresAllowList(db: Database, options: PostgresOptions): AllowList {
  return {
    ...createGrantStore(db),
    ...createDenialStore(db),
    ...createHoldStore(db),
    facts: async (image) => readAllowFacts(db, image),
    revisions: async () => {
      const [row] = await db.query<RevisionsRow>(
        `SELECT listed.revision AS "allowList", evidence.revision AS evidence
         FROM allow_list_revision listed, evidence_revision evidence`,
      );
      return { allowList: Number(row?.allowList ?? 0), evidence: Number(row?.evidence ?? 0) };
    },
    watch: (onChange, signal) => {
      listenFor('plura_allow_list', options, onChange, signal);
    },
  };
}
