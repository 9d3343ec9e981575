import { parseDigest } from '../../domain/digest';
import type { GcItemFacts, InventoryFacts } from '../../ports/gc-item-facts';
import type { Database } from './database';

interface TimesJson {
  readonly pushed: number | null;
  readonly pulled: number | null;
}

interface FactsRow {
  readonly tag: (TimesJson & { readonly digest: string }) | null;
  readonly manifest: (TimesJson & { readonly pending: boolean }) | null;
  readonly tags: readonly string[];
  readonly parents: readonly string[];
  readonly subjects: readonly string[];
  readonly children: readonly string[];
  readonly referrers: readonly {
    readonly digest: string;
    readonly pushed: number | null;
    readonly tagged: number | null;
  }[];
}

const MS = (column: string): string => `floor(extract(epoch FROM ${column}) * 1000)`;
/** Tags that stand for a link to a subject: the fallback index of the spec, cosign's legacy ones. */
const LINK_TAG = `'^sha256-[0-9a-f]{64}(\\.(sig|att|sbom))?$'`;

/** $1 repository, $2 digest, $3 tag or null. What is more than a hundred is no more telling. */
const FACTS = `
  SELECT
    (SELECT json_build_object('digest', digest,
       'pushed', ${MS('pushed_at')}, 'pulled', ${MS('last_pulled_at')})
     FROM repository_tags WHERE repository = $1 AND tag = $3) AS tag,
    (SELECT json_build_object('pushed', ${MS('pushed_at')}, 'pulled', ${MS('last_pulled_at')},
       'pending', pending OR EXISTS (
         SELECT 1 FROM pushes WHERE repository = $1 AND digest = $2 AND completed_at IS NULL
       ))
     FROM manifests WHERE repository = $1 AND digest = $2) AS manifest,
    ARRAY(SELECT tag FROM repository_tags
      WHERE repository = $1 AND digest = $2 AND tag IS DISTINCT FROM $3::text
      ORDER BY tag LIMIT 100) AS tags,
    ARRAY(SELECT DISTINCT edge.parent::text FROM manifest_edges edge
      WHERE edge.repository = $1 AND edge.child = $2 AND edge.kind = 'child' LIMIT 100) AS parents,
    ARRAY(SELECT edge.child::text FROM manifest_edges edge
      WHERE edge.repository = $1 AND edge.parent = $2 AND edge.kind = 'child') AS children,
    ARRAY(SELECT subject.digest::text FROM manifests subject
      WHERE subject.repository = $1 AND subject.digest IN (
        SELECT subject FROM manifests WHERE repository = $1 AND digest = $2 AND $3::text IS NULL
        UNION ALL
        SELECT 'sha256:' || substr(tag, 8, 64) FROM repository_tags
        WHERE repository = $1 AND digest = $2 AND tag ~ ${LINK_TAG}
          AND ($3::text IS NULL OR tag = $3)
      ) AND ($3::text IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM manifest_edges named
        WHERE named.repository = $1 AND named.parent = $2 AND named.child = subject.digest
          AND named.kind = 'child'
      )) LIMIT 100) AS subjects,
    coalesce((SELECT json_agg(json_build_object('digest', referrer.digest,
        'pushed', ${MS('referrer.pushed_at')}, 'tagged', (
          SELECT ${MS('max(held.pushed_at)')} FROM repository_tags held
          WHERE held.repository = $1 AND held.digest = referrer.digest AND held.tag !~ ${LINK_TAG}
        )))
      FROM (
        SELECT digest, pushed_at FROM manifests WHERE repository = $1 AND subject = $2
        UNION ALL
        SELECT digest, pushed_at FROM repository_tags WHERE repository = $1 AND tag IN (
          SELECT 'sha256-' || substr($2::text, 8) || suffix
          FROM unnest(ARRAY['', '.sig', '.att', '.sbom']) AS suffix)
      ) referrer), '[]'::json) AS referrers`;

function toFacts(row: FactsRow): InventoryFacts {
  const { tag, manifest, tags, parents, children, subjects, referrers } = row;
  return {
    tag: tag && {
      digest: parseDigest(tag.digest),
      pushedAtMs: tag.pushed,
      lastPulledAtMs: tag.pulled,
    },
    manifest: manifest && {
      pushedAtMs: manifest.pushed,
      lastPulledAtMs: manifest.pulled,
      pending: manifest.pending,
    },
    tags,
    parents: parents.map(parseDigest),
    children: children.map(parseDigest),
    subjects: subjects.map(parseDigest),
    referrers: referrers.map(({ digest, pushed, tagged }) => ({
      digest: parseDigest(digest),
      pushedAtMs: pushed,
      taggedAtMs: tagged,
    })),
  };
}

export function createPostgresGcItemFacts(db: Database): GcItemFacts {
  return {
    read: async ({ repository, digest, tag }) => {
      const [row] = await db.query<FactsRow>(FACTS, [repository, digest, tag], 'gc-item-facts');
      // A SELECT without FROM has one row.
      return toFacts(row ?? NOTHING);
    },
  };
}

const NOTHING: FactsRow = {
  ...{ tag: null, manifest: null, tags: [], parents: [] },
  ...{ subjects: [], children: [], referrers: [] },
};
