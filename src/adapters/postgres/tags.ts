import type { TagStore } from '../../ports/ledger';
import type { Database } from './database';

export function createTagStore(db: Database): TagStore {
  return {
    claimTag: async (image, tag, claimedBy, at) => {
      // One claim with the gateway's: what a push of the same digest holds for now is for good from here.
      const ours = await db.query(
        `INSERT INTO tags AS held (repository, tag, digest, claimed_by, claimed_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (repository, tag) DO UPDATE SET pending_since = NULL
         WHERE held.digest = EXCLUDED.digest RETURNING tag`,
        [image.repository, tag, image.digest, claimedBy, at],
      );
      return ours.length === 1;
    },
  };
}
