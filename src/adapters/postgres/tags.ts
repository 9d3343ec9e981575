import type { TagStore } from '../../ports/ledger';
import type { Database } from './database';

export function createTagStore(db: Database): TagStore {
  return {
    claimTag: async (image, tag, claimedBy, at) => {
      await db.query(
        `INSERT INTO tags (repository, tag, digest, claimed_by, claimed_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (repository, tag) DO NOTHING`,
        [image.repository, tag, image.digest, claimedBy, at],
      );
      // A claim is never changed, so what is read now is what won.
      const [claim] = await db.query<{ readonly digest: string }>(
        'SELECT digest FROM tags WHERE repository = $1 AND tag = $2',
        [image.repository, tag],
      );
      return claim?.digest === image.digest;
    },
  };
}
