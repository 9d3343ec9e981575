import { ReleaseError } from '../../contract/errors';
import { parseDigest } from '../../domain/digest';
import { CLAIM_ABANDONED_AFTER_MS, type Claim, type PushRecord } from '../../ports/inventory';
import type { Sql } from './database';

interface ClaimRow {
  readonly digest: string;
  readonly claimed_by: string;
  readonly claimed_at: Date;
  readonly pending: boolean;
  readonly abandoned: boolean;
}

const ABANDONED = `pending_since < clock_timestamp() - interval '${CLAIM_ABANDONED_AFTER_MS} milliseconds'`;
/** Each round is lost to another push of the tag only; three in a row is no honest traffic. */
const ROUNDS = 3;

export interface TaggedPush extends PushRecord {
  readonly tag: string;
}

/** The push has a tag that only one digest may ever have. */
export function needsClaim(push: PushRecord): push is TaggedPush {
  return push.writeOnce && push.tag !== null;
}

async function insertClaim(sql: Sql, push: TaggedPush): Promise<boolean> {
  const rows = await sql.query(
    `INSERT INTO tags (repository, tag, digest, claimed_by, claimed_at, pending_since)
     VALUES ($1, $2, $3, $4, $5, clock_timestamp())
     ON CONFLICT (repository, tag) DO NOTHING RETURNING tag`,
    [push.repository, push.tag, push.digest, push.actor, push.at],
  );
  return rows.length === 1;
}

/** Without a lock: those that lose a tag write nothing, and so wait for nobody's disk. */
async function readClaim(sql: Sql, { repository, tag }: TaggedPush): Promise<ClaimRow | null> {
  const [row] = await sql.query<ClaimRow>(
    `SELECT digest, claimed_by, claimed_at, pending_since IS NOT NULL AS pending,
       coalesce(${ABANDONED}, false) AS abandoned
     FROM tags WHERE repository = $1 AND tag = $2`,
    [repository, tag],
  );
  return row ?? null;
}

/** Another push of the same digest is under way: the claim is as young as the youngest of them. */
async function joinClaim(sql: Sql, { repository, tag, digest }: TaggedPush): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE tags SET pending_since = clock_timestamp()
     WHERE repository = $1 AND tag = $2 AND digest = $3 AND pending_since IS NOT NULL RETURNING tag`,
    [repository, tag, digest],
  );
  return rows.length === 1;
}

async function replaceClaim(sql: Sql, push: TaggedPush, old: string): Promise<boolean> {
  const { repository, tag, digest, actor, at } = push;
  const rows = await sql.query(
    `UPDATE tags SET digest = $3, claimed_by = $4, claimed_at = $5, pending_since = clock_timestamp()
     WHERE repository = $1 AND tag = $2 AND digest = $6 AND ${ABANDONED} RETURNING tag`,
    [repository, tag, digest, actor, at, old],
  );
  if (rows.length === 1) {
    await sql.query(
      `DELETE FROM pushes WHERE repository = $1 AND reference = $2 AND digest = $3
         AND completed_at IS NULL`,
      [repository, tag, old],
    );
  }
  return rows.length === 1;
}

/** Null: somebody moved the claim meanwhile, ask again. */
async function askOnce(sql: Sql, push: TaggedPush, replace: boolean): Promise<Claim | null> {
  if (await insertClaim(sql, push)) return { kind: 'claimed' };
  const held = await readClaim(sql, push);
  if (!held) return null;
  if (held.digest === push.digest) {
    return !held.pending || (await joinClaim(sql, push)) ? { kind: 'same' } : null;
  }
  if (held.abandoned && replace) {
    return (await replaceClaim(sql, push, held.digest)) ? { kind: 'claimed' } : null;
  }
  return {
    kind: 'taken',
    digest: parseDigest(held.digest),
    by: held.claimed_by,
    at: held.claimed_at.toISOString(),
    abandoned: held.abandoned,
  };
}

/** @throws ReleaseError LEDGER_UNAVAILABLE when others keep moving the claim. */
export async function claim(sql: Sql, push: TaggedPush, replace: boolean): Promise<Claim> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const answer = await askOnce(sql, push, replace);
    if (answer) return answer;
  }
  throw new ReleaseError(
    'LEDGER_UNAVAILABLE',
    `The claim of ${push.repository}:${push.tag} kept changing`,
    { details: { remedy: 'push again; if it stays so, look who pushes this tag' } },
  );
}

/** Makes the claim final, or makes a final one where there is none. Null: ours; else the digest that holds the tag. */
export async function finishClaim(sql: Sql, push: TaggedPush): Promise<string | null> {
  const { repository, tag, digest, actor, at } = push;
  const ours = await sql.query(
    `INSERT INTO tags AS held (repository, tag, digest, claimed_by, claimed_at)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (repository, tag) DO UPDATE SET pending_since = NULL
     WHERE held.digest = EXCLUDED.digest RETURNING tag`,
    [repository, tag, digest, actor, at],
  );
  if (ours.length === 1) return null;
  // The statement above locked what stood against it, so it is still there.
  return (await readClaim(sql, push))?.digest ?? null;
}

/** Held before the pushes of the tag are counted, so that none begins in between. */
export async function lockClaim(sql: Sql, { repository, tag }: TaggedPush): Promise<void> {
  await sql.query('SELECT 1 FROM tags WHERE repository = $1 AND tag = $2 FOR UPDATE', [
    repository,
    tag,
  ]);
}

/** Gives the tag free when no push of this digest is under way any more. Call with the claim locked. */
export async function dropClaim(sql: Sql, { repository, tag, digest }: TaggedPush): Promise<void> {
  await sql.query(
    `DELETE FROM tags
     WHERE repository = $1 AND tag = $2 AND digest = $3 AND pending_since IS NOT NULL
       AND NOT EXISTS (
         SELECT 1 FROM pushes WHERE repository = $1 AND reference = $2 AND digest = $3 AND completed_at IS NULL
       )`,
    [repository, tag, digest],
  );
}
