import type { Inventory } from '../../ports/inventory';
import type { Database } from './database';
import { createActivityStore } from './registry-activity';
import { createChangeStore } from './registry-changes';
import { recordBlob } from './registry-contents';
import type { Locks } from './registry-locks';
import { createPushStore } from './registry-pushes';
import { createInventoryReads } from './registry-reads';
import { createDeleteStore } from './registry-tags';

export function createPostgresInventory(
  db: Database,
  locks: Pick<Locks, 'exclusively'>,
): Inventory {
  return {
    ...createPushStore(db),
    ...createDeleteStore(db),
    ...createActivityStore(db),
    ...createInventoryReads(db),
    ...createChangeStore(db),
    recordBlob: async (repository, digest, size, actor, at) =>
      recordBlob(db, repository, { digest, size }, actor, at),
    exclusively: async (key, work) => locks.exclusively(key, work),
  };
}
