import type { DatabaseKind, MirroredDatabase } from '../../domain/advisories/database-mirror';
import { parseDigest } from '../../domain/digest';
import type { DatabaseMirrors } from '../../ports/database-mirrors';
import type { Database } from './database';

interface MirrorRow {
  readonly kind: DatabaseKind;
  readonly repository: string;
  readonly digest: string;
  readonly file_digest: string;
  /** A bigint, as pg gives it; the schema keeps it within what a number can hold. */
  readonly bytes: string;
  readonly updated_at: Date;
  readonly source: string;
  readonly mirrored_at: Date;
}

const COLUMNS = 'kind, repository, digest, file_digest, bytes, updated_at, source, mirrored_at';

function toMirror({ kind, repository, source, ...row }: MirrorRow): MirroredDatabase {
  return {
    kind,
    repository,
    digest: parseDigest(row.digest),
    fileDigest: parseDigest(row.file_digest),
    bytes: Number(row.bytes),
    updatedAt: row.updated_at.toISOString(),
    source,
    mirroredAt: row.mirrored_at.toISOString(),
  };
}

export function createPostgresDatabaseMirrors(db: Database): DatabaseMirrors {
  return {
    add: async ({ kind, repository, digest, fileDigest, bytes, updatedAt, source, mirroredAt }) => {
      const added = await db.query(
        `INSERT INTO database_mirrors (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (kind, digest) DO NOTHING RETURNING id`,
        [kind, repository, digest, fileDigest, bytes, updatedAt, source, mirroredAt],
      );
      return added.length > 0;
    },
    newest: async (kind) => {
      const [row] = await db.query<MirrorRow>(
        `SELECT ${COLUMNS} FROM database_mirrors WHERE kind = $1
         ORDER BY updated_at DESC, id DESC LIMIT 1`,
        [kind],
      );
      return row ? toMirror(row) : null;
    },
    list: async (limit) => {
      const rows = await db.query<MirrorRow>(
        `SELECT ${COLUMNS} FROM database_mirrors ORDER BY updated_at DESC, id DESC LIMIT $1`,
        [limit],
      );
      return rows.map(toMirror);
    },
  };
}
