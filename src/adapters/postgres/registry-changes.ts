import type { Inventory, ManifestChange } from '../../ports/inventory';
import type { Database } from './database';
import { awaitWork } from './registry-locks';

type Changes = Pick<Inventory, 'recordCheck' | 'listChanges'>;

interface ChangeRow {
  readonly kind: ManifestChange['kind'];
  readonly name: string;
  readonly at: Date;
}

/** $1 repository, $2 digest, $3 since. What is attached by a tag is as much attached as by `subject` (domain/gc/attached-tag.ts). */
const CHANGES = `
  WITH links AS (
    SELECT 'sha256-' || substr($2::text, 8) || suffix AS tag
    FROM unnest(ARRAY['', '.sig', '.att', '.sbom']) AS suffix
  ), parents AS (
    SELECT edge.parent AS digest, manifest.pushed_at
    FROM manifest_edges edge
    JOIN manifests manifest
      ON manifest.repository = edge.repository AND manifest.digest = edge.parent
    WHERE edge.repository = $1 AND edge.child = $2 AND edge.kind = 'child'
  ), referrers AS (
    SELECT digest, pushed_at FROM manifests WHERE repository = $1 AND subject = $2
    UNION ALL
    SELECT digest, pushed_at FROM repository_tags
    WHERE repository = $1 AND tag IN (SELECT tag FROM links)
  ), changes (kind, name, at) AS (
    SELECT 'pushing', reference, begun_at FROM pushes
    WHERE repository = $1 AND completed_at IS NULL AND (
      digest = $2 OR digest IN (SELECT digest FROM parents)
      OR digest IN (SELECT digest FROM referrers) OR reference IN (SELECT tag FROM links)
    )
    UNION ALL
    SELECT 'pushed', digest, pushed_at FROM manifests
    WHERE repository = $1 AND digest = $2 AND pushed_at >= $3
    UNION ALL
    SELECT 'pulled', digest, last_pulled_at FROM manifests
    WHERE repository = $1 AND digest = $2 AND last_pulled_at >= $3
    UNION ALL
    SELECT 'tag', tag, pushed_at FROM repository_tags
    WHERE repository = $1 AND digest = $2 AND pushed_at >= $3
    UNION ALL
    SELECT 'pulled', tag, last_pulled_at FROM repository_tags
    WHERE repository = $1 AND digest = $2 AND last_pulled_at >= $3
    UNION ALL
    SELECT 'referrer', digest, pushed_at FROM referrers WHERE pushed_at >= $3
    UNION ALL
    SELECT 'parent', digest, pushed_at FROM parents WHERE pushed_at >= $3
  )
  SELECT DISTINCT ON (kind) kind, name, at FROM changes ORDER BY kind, at DESC`;

/** Of many looks in a second one is written down; who deletes allows for more than that (GcRunSettings, `slackMs`). */
const IS_STALE = `(last_pulled_at IS NULL OR last_pulled_at < $3::timestamptz - interval '1 second')`;

export function createChangeStore(db: Database): Changes {
  return {
    recordCheck: async ({ repository, tag, digest, at }, after) =>
      db.transaction(async (sql) => {
        await awaitWork(sql, after);
        const rows = await sql.query(
          `SELECT 1 FROM manifests WHERE repository = $1 AND digest = $2 AND NOT pending`,
          [repository, digest],
        );
        await sql.query(
          `UPDATE manifests SET last_pulled_at = $3
           WHERE repository = $1 AND digest = $2 AND NOT pending AND ${IS_STALE}`,
          [repository, digest, at],
        );
        if (tag !== null) {
          await sql.query(
            `UPDATE repository_tags SET last_pulled_at = $3
             WHERE repository = $1 AND digest = $2 AND tag = $4 AND ${IS_STALE}`,
            [repository, digest, at, tag],
          );
        }
        return rows.length > 0;
      }),
    listChanges: async (repository, digest, since) => {
      const rows = await db.query<ChangeRow>(CHANGES, [repository, digest, since]);
      return rows.map(({ kind, name, at }) => ({ kind, name, at: at.toISOString() }));
    },
  };
}
