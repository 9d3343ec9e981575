/*
 * The statements of one sample, in one transaction and of one snapshot. Working tables are dropped at its end. Environments are
 * numbers, so that the furthest one is the highest: 0 none, 1 dev, 2 stg, 3 prod.
 */

const IMAGE_CONFIGS = `('application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json')`;
const INDEXES = `('application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json')`;

const envOf = (channel: string): string =>
  `CASE split_part(${channel}, ':', 1) WHEN 'prod' THEN 3 WHEN 'stg' THEN 2 ELSE 1 END`;

/** $1: the places, as JSON. */
export const PLACES = [
  `CREATE TEMP TABLE sample_places (
     repository text COLLATE "C" PRIMARY KEY, service text COLLATE "C" NOT NULL, team text COLLATE "C" NOT NULL
   ) ON COMMIT DROP`,
  `INSERT INTO sample_places SELECT repository, service, team
   FROM jsonb_to_recordset($1::jsonb) AS place (repository text, service text, team text)`,
] as const;

/** How far a manifest got, with all that is in it and all that is attached to it. */
const REACHED = [
  `CREATE TEMP TABLE sample_reached (
     repository text COLLATE "C" NOT NULL, digest text NOT NULL, env integer NOT NULL,
     PRIMARY KEY (repository, digest)
   ) ON COMMIT DROP`,
  `INSERT INTO sample_reached
   WITH RECURSIVE were (digest, env) AS (
     SELECT digest, max(env) FROM (
       SELECT next::text AS digest, ${envOf('channel')} AS env
       FROM channel_moves WHERE state = 'done' AND next IS NOT NULL
       UNION ALL
       SELECT replaced::text, ${envOf('channel')}
       FROM channel_moves WHERE state = 'done' AND replaced IS NOT NULL
       UNION ALL
       SELECT digest::text, ${envOf('channel')} FROM channels WHERE digest IS NOT NULL
     ) one GROUP BY digest
   ), spread (repository, digest, env) AS (
     SELECT manifest.repository, were.digest, were.env
     FROM were JOIN manifests manifest ON manifest.digest = were.digest WHERE NOT manifest.pending
     UNION
     SELECT spread.repository, near.digest, spread.env
     FROM spread CROSS JOIN LATERAL (
       SELECT edge.child::text AS digest FROM manifest_edges edge
       WHERE edge.repository = spread.repository AND edge.parent = spread.digest AND edge.kind = 'child'
       UNION ALL
       SELECT attached.digest::text FROM manifests attached
       WHERE attached.repository = spread.repository AND attached.subject = spread.digest AND NOT attached.pending
     ) near
   )
   SELECT repository, digest, max(env) FROM spread GROUP BY repository, digest`,
  'ANALYZE sample_reached',
];

/**
 * What each repository holds, and each content once. The record of a blob outlives the blob: of what was there before the last reclaim,
 * only what a manifest names is left. A UNION, for an OR of the two would look through all edges for each blob.
 */
const CONTENTS = [
  `CREATE TEMP TABLE sample_held ON COMMIT DROP AS
   (SELECT repository, digest::text AS digest, size FROM repository_blobs
    WHERE recorded_at >= coalesce(
      (SELECT max(closed_at) FROM gc_reclaims WHERE state = 'done'), '-infinity')
    UNION
    SELECT repository, blob.digest::text, blob.size FROM repository_blobs blob
    JOIN (SELECT DISTINCT repository, child FROM manifest_edges WHERE kind <> 'child') named
      USING (repository)
    WHERE named.child = blob.digest)
   UNION ALL
   SELECT repository, digest::text, size FROM manifests manifest
   WHERE NOT pending AND NOT EXISTS (
     SELECT 1 FROM repository_blobs blob
     WHERE blob.repository = manifest.repository AND blob.digest = manifest.digest)`,
  'ANALYZE sample_held',
  `CREATE TEMP TABLE sample_contents ON COMMIT DROP AS
   SELECT digest, max(size) AS size,
     min(repository) AS first_repository, max(repository) AS last_repository,
     min(coalesce(service, '-')) AS first_service, max(coalesce(service, '-')) AS last_service,
     min(coalesce(team, '-')) AS first_team, max(coalesce(team, '-')) AS last_team
   FROM sample_held LEFT JOIN sample_places USING (repository) GROUP BY digest`,
  'ANALYZE sample_contents',
];

/** Of the newest plan for all: what is still to be done. */
const PLAN = `SELECT id FROM gc_plans WHERE repository IS NULL AND state <> 'superseded'
  ORDER BY ordinal DESC LIMIT 1`;
const OPEN_ITEMS = `SELECT item.repository, item.digest COLLATE "default" AS digest, item.bytes
  FROM gc_plan_items item WHERE item.outcome IS NULL AND item.plan = (${PLAN})`;

/** Counts and sums that nothing is shared in, by repository and environment. */
const SUMS = [
  `CREATE TEMP TABLE sample_names ON COMMIT DROP AS
   SELECT repository, digest::text AS digest, digest::text AS named, size, 1 AS manifests
   FROM manifests WHERE NOT pending
   UNION ALL
   SELECT repository, parent::text, child::text, edge.size, 0
   FROM manifest_edges edge JOIN manifests manifest USING (repository)
   WHERE manifest.digest = edge.parent AND NOT manifest.pending AND edge.kind <> 'child'`,
  'ANALYZE sample_names',
  `CREATE TEMP TABLE sample_sums ON COMMIT DROP AS
   SELECT repository, env, sum(manifests) AS manifests, sum(bytes) AS bytes, sum(tags) AS tags,
     sum(reclaimable) AS reclaimable
   FROM (
     SELECT repository, coalesce(env, 0) AS env, manifests, size AS bytes, 0 AS tags, 0 AS reclaimable
     FROM sample_names LEFT JOIN sample_reached USING (repository, digest)
     UNION ALL
     SELECT tag.repository, coalesce(env, 0), 0, 0, 1, 0
     FROM repository_tags tag LEFT JOIN sample_reached reached
       ON reached.repository = tag.repository AND reached.digest = tag.digest
     UNION ALL
     SELECT item.repository, coalesce(env, 0), 0, 0, 0, item.bytes
     FROM (${OPEN_ITEMS}) item LEFT JOIN sample_reached USING (repository, digest)
   ) one GROUP BY repository, env`,
];

/** An image can be run: it has the config of one, and a layer that runtimes unpack, or none at all. An index of images is one, and its images are none. */
const IMAGES = [
  `CREATE TEMP TABLE sample_images ON COMMIT DROP AS
   WITH RECURSIVE images (repository, digest) AS (
     SELECT repository, digest::text FROM manifests manifest
     WHERE NOT pending AND subject IS NULL AND (
       SELECT coalesce(bool_or(edge.kind = 'config' AND edge.media_type IN ${IMAGE_CONFIGS}), false)
         AND coalesce(bool_or(edge.media_type LIKE 'application/vnd.oci.image.layer.%'
           OR edge.media_type LIKE 'application/vnd.docker.image.rootfs.%')
           FILTER (WHERE edge.kind = 'layer'), true)
       FROM manifest_edges edge
       WHERE edge.repository = manifest.repository AND edge.parent = manifest.digest)
     UNION
     SELECT edge.repository, edge.parent::text
     FROM images JOIN manifest_edges edge ON edge.repository = images.repository AND edge.child = images.digest
     JOIN manifests parent ON parent.repository = edge.repository AND parent.digest = edge.parent
     WHERE edge.kind = 'child' AND NOT parent.pending AND parent.media_type IN ${INDEXES}
   )
   SELECT repository, digest, coalesce(reached.env, 0) AS env
   FROM images LEFT JOIN sample_reached reached USING (repository, digest)
   WHERE NOT EXISTS (
     SELECT 1 FROM manifest_edges edge JOIN manifests parent
       ON parent.repository = edge.repository AND parent.digest = edge.parent AND NOT parent.pending
     WHERE edge.repository = images.repository AND edge.child = images.digest AND edge.kind = 'child')`,
];

/** Which environments name a content; what nothing names is of none. */
const NAMED = [
  `CREATE TEMP TABLE sample_named ON COMMIT DROP AS
   SELECT DISTINCT named AS digest, coalesce(env, 0) AS env
   FROM sample_names LEFT JOIN sample_reached USING (repository, digest)`,
  `INSERT INTO sample_named SELECT digest, 0 FROM sample_contents
   WHERE NOT EXISTS (SELECT 1 FROM sample_named named WHERE named.digest = sample_contents.digest)`,
  'ANALYZE sample_named',
];

export const PREPARE: readonly string[] = [...REACHED, ...CONTENTS, ...SUMS, ...IMAGES, ...NAMED];

const countOf = (env: number): string => `count(*) FILTER (WHERE env = ${env})`;
const IMAGE_COUNTS = `jsonb_build_object(
  '-', ${countOf(0)}, 'dev', ${countOf(1)}, 'stg', ${countOf(2)}, 'prod', ${countOf(3)})`;
const reclaimable = (sums: string): string =>
  `CASE WHEN EXISTS (${PLAN}) THEN coalesce(${sums}, 0) END`;

/** $1: the day, $2: when it was counted. The day's groups go with what is replaced. */
export const REPLACE_TOTALS = [
  'DELETE FROM storage_samples WHERE day = $1::date',
  `INSERT INTO storage_samples (day, at, storage_bytes, logical_bytes, reclaimable_bytes, repositories,
     manifests, tags, digests, contents, images)
   SELECT $1::date, $2::timestamptz, contents.bytes, coalesce(sums.bytes, 0), ${reclaimable('sums.reclaimable')},
     (SELECT count(DISTINCT repository) FROM sample_held), coalesce(sums.manifests, 0),
     coalesce(sums.tags, 0), (SELECT count(DISTINCT digest) FROM manifests WHERE NOT pending),
     contents.count, images.counts
   FROM
     (SELECT count(*) AS count, coalesce(sum(size), 0) AS bytes FROM sample_contents) contents,
     (SELECT sum(manifests) AS manifests, sum(bytes) AS bytes, sum(tags) AS tags,
        sum(reclaimable) AS reclaimable FROM sample_sums) sums,
     (SELECT ${IMAGE_COUNTS} AS counts
      FROM (SELECT max(env) AS env FROM sample_images GROUP BY digest) one) images`,
] as const;

interface Grouping {
  readonly breakdown: string;
  /** Name, contents and bytes of each group. */
  readonly held: string;
  /** Name and bytes of what is in one group only. */
  readonly alone: string;
  /** Names of the rows of sample_sums. */
  readonly key: string;
  /** Name and counts. */
  readonly images?: string;
}

function insertGroups({ breakdown, held, alone, key, images }: Grouping): string {
  return `INSERT INTO storage_groups (day, breakdown, name, logical_bytes, unique_bytes, shared_bytes,
     reclaimable_bytes, manifests, tags, contents, images)
   SELECT $1::date, '${breakdown}', held.name, coalesce(sums.bytes, 0), coalesce(alone.bytes, 0),
     held.bytes - coalesce(alone.bytes, 0), ${reclaimable('sums.reclaimable')},
     coalesce(sums.manifests, 0), coalesce(sums.tags, 0), held.contents, ${images ? 'images.counts' : 'NULL'}
   FROM (${held}) held
   LEFT JOIN (${alone}) alone USING (name)
   LEFT JOIN (
     SELECT ${key} AS name, sum(manifests) AS manifests, sum(bytes) AS bytes, sum(tags) AS tags,
       sum(reclaimable) AS reclaimable
     FROM sample_sums LEFT JOIN sample_places USING (repository) GROUP BY 1
   ) sums USING (name)
   ${images ? `LEFT JOIN (${images}) images USING (name)` : ''}`;
}

function byPlace(breakdown: 'service' | 'team'): string {
  const key = `coalesce(${breakdown}, '-')`;
  return insertGroups({
    breakdown,
    key,
    held: `SELECT name, count(*) AS contents, sum(size) AS bytes FROM (
        SELECT ${key} AS name, digest, max(size) AS size
        FROM sample_held LEFT JOIN sample_places USING (repository) GROUP BY 1, 2
      ) one GROUP BY name`,
    alone: `SELECT first_${breakdown} AS name, sum(size) AS bytes FROM sample_contents
      WHERE first_${breakdown} = last_${breakdown} GROUP BY 1`,
  });
}

const BY_REPOSITORY = insertGroups({
  breakdown: 'repository',
  key: 'repository',
  held: `SELECT repository AS name, count(*) AS contents, sum(size) AS bytes FROM sample_held GROUP BY 1`,
  alone: `SELECT first_repository AS name, sum(size) AS bytes FROM sample_contents
    WHERE first_repository = last_repository GROUP BY 1`,
  images: `SELECT repository AS name, ${IMAGE_COUNTS} AS counts FROM sample_images GROUP BY 1`,
});

const ENVIRONMENT_NAME = `(ARRAY['-', 'dev', 'stg', 'prod'])[env + 1]`;

const BY_ENVIRONMENT = insertGroups({
  breakdown: 'environment',
  key: ENVIRONMENT_NAME,
  held: `SELECT ${ENVIRONMENT_NAME} AS name, count(*) AS contents, sum(size) AS bytes
    FROM sample_named JOIN sample_contents USING (digest) GROUP BY 1`,
  alone: `SELECT ${ENVIRONMENT_NAME} AS name, sum(size) AS bytes FROM (
      SELECT min(env) AS env, digest FROM sample_named GROUP BY digest HAVING count(*) = 1
    ) one JOIN sample_contents USING (digest) GROUP BY 1`,
});

/** $1: the day. */
export const INSERT_GROUPS: readonly string[] = [
  BY_REPOSITORY,
  byPlace('service'),
  byPlace('team'),
  BY_ENVIRONMENT,
];
