import type { AllowList } from '../../ports/allow-list';
import { createDenialStore } from './allow-list-denials';
import { readAllowFacts } from './allow-list-facts';
import { createGrantStore } from './allow-list-grants';
import { createHoldStore } from './allow-list-holds';
import type { Database, PostgresOptions } from './database';
import { listenFor } from './listen';

export function createPostgresAllowList(db: Database, options: PostgresOptions): AllowList {
  return {
    ...createGrantStore(db),
    ...createDenialStore(db),
    ...createHoldStore(db),
    facts: async (image) => readAllowFacts(db, image),
    revision: async () => {
      const [row] = await db.query<{ readonly revision: string }>(
        'SELECT revision FROM allow_list_revision',
      );
      return Number(row?.revision ?? 0);
    },
    watch: (onChange, signal) => {
      listenFor('plura_allow_list', options, onChange, signal);
    },
  };
}
