import { parseDigest, type Digest } from '../../domain/digest';
import type { InventoryEdge, ManifestRecord, TagRecord } from '../../ports/inventory';

export function toDigest(text: string | null): Digest | null {
  return text === null ? null : parseDigest(text);
}

export function toTime(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

/** Of a table that the query calls `manifest`. */
export const MANIFEST_COLUMNS = `
  manifest.repository, manifest.digest, manifest.media_type, manifest.artifact_type, manifest.size,
  manifest.subject,
  (SELECT coalesce(jsonb_agg(jsonb_build_object(
     'kind', edge.kind, 'digest', edge.child, 'size', edge.size, 'mediaType', edge.media_type
   ) ORDER BY edge.position), '[]')
   FROM manifest_edges edge
   WHERE edge.repository = manifest.repository AND edge.parent = manifest.digest) AS edges`;

export interface ManifestRow {
  readonly repository: string;
  readonly digest: string;
  readonly media_type: string;
  readonly artifact_type: string | null;
  /** A bigint, as pg gives it; the schema keeps it within what a number can hold. */
  readonly size: string;
  readonly subject: string | null;
  readonly edges: readonly InventoryEdge[];
}

export function toManifest(row: ManifestRow): ManifestRecord {
  return {
    repository: row.repository,
    digest: parseDigest(row.digest),
    mediaType: row.media_type,
    artifactType: row.artifact_type,
    size: Number(row.size),
    subject: toDigest(row.subject),
    edges: row.edges,
  };
}

export const TAG_COLUMNS =
  'repository, tag, digest, write_once, pushed_by, pushed_at, last_pulled_at';

export interface TagRow {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly write_once: boolean;
  readonly pushed_by: string;
  readonly pushed_at: Date;
  readonly last_pulled_at: Date | null;
}

export function toTag(row: TagRow): TagRecord {
  return {
    repository: row.repository,
    tag: row.tag,
    digest: parseDigest(row.digest),
    pushedBy: row.pushed_by,
    pushedAt: row.pushed_at.toISOString(),
    lastPulledAt: toTime(row.last_pulled_at),
    writeOnce: row.write_once,
  };
}
