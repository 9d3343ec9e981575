import { Pool, type PoolClient } from 'pg';
import { ReleaseError } from '../../contract/errors';
import { connectionConfig, toJsonb, type PostgresOptions, type Sql } from './database';
import { toReleaseError } from './failures';
import { createTurns, TurnMissed } from './registry-turns';

export interface LockOptions extends PostgresOptions {
  readonly locks?: {
    /** Milliseconds to wait for one's turn in this process, and again for the lock; default 10 000. */
    readonly waitMs?: number;
    /** Keys worked on at the same time by this process, a connection each; default 8. */
    readonly max?: number;
  };
}

export interface Locks {
  /** Several keys are taken in the order given, by one connection. */
  exclusively<T>(key: string | readonly string[], work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

// Apart from other users of advisory locks in this database.
const SEED = 7_031_947;
const LOCK = `SELECT pg_advisory_lock(hashtextextended($1, ${SEED}))`;
const UNLOCK = `SELECT pg_advisory_unlock(hashtextextended($1, ${SEED})) AS held`;
const AWAIT = `SELECT pg_advisory_xact_lock_shared(hashtextextended(key, ${SEED}))
  FROM jsonb_array_elements_text($1::jsonb) AS key`;

/** Waits until no work runs under these keys; none begins before the end of the transaction. */
export async function awaitWork(sql: Sql, keys: readonly string[]): Promise<void> {
  if (keys.length > 0) await sql.query(AWAIT, [toJsonb(keys)]);
}

function lost(key: string, cause?: unknown): ReleaseError {
  return new ReleaseError('LEDGER_UNAVAILABLE', `The lock "${key}" was lost while it was held`, {
    cause,
    details: { remedy: 'try again: what was done under it may have met another writer' },
  });
}

function tooLate(key: string): ReleaseError {
  return new ReleaseError('LEDGER_UNAVAILABLE', `Others kept the lock "${key}" for too long`, {
    details: { remedy: 'try again in a while' },
  });
}

/** Frees the lock, and the connection for the next one. @throws ReleaseError LEDGER_UNAVAILABLE when it was not held. */
async function letGo(client: PoolClient, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    try {
      const { rows } = await client.query<{ readonly held: boolean }>(UNLOCK, [key]);
      if (rows[0]?.held !== true) throw lost(key);
    } catch (error) {
      client.release(true);
      throw error instanceof ReleaseError ? error : lost(key, error);
    }
  }
  client.release();
}

/**
 * Advisory locks of Postgres, each held on a connection of its own, so that the work under them always finds one in the
 * pool. A session holds them: Postgres frees what a dead process held, and a pooler must not share sessions by transaction.
 */
export function createLocks(options: LockOptions): Locks {
  const waitMs = options.locks?.waitMs ?? 10_000;
  const inTurn = createTurns();
  const onLost = (error: Error): void => options.onConnectionLost?.(error);
  const pool = new Pool({
    ...connectionConfig(options),
    max: options.locks?.max ?? 8,
    connectionTimeoutMillis: waitMs,
    lock_timeout: waitMs,
    query_timeout: waitMs + 2000,
  });
  pool.on('error', onLost);
  // While one is checked out the pool does not listen, and an unheard 'error' would end the process.
  pool.on('connect', (client) => client.on('error', onLost));

  async function hold(keys: readonly string[]): Promise<PoolClient> {
    const client = await pool.connect().catch((error: unknown) => {
      throw toReleaseError(error);
    });
    try {
      for (const key of keys) await client.query(LOCK, [key]);
      return client;
    } catch (error) {
      // A time-out on our side may leave the server still waiting: end the session rather than use it again.
      client.release(true);
      throw toReleaseError(error);
    }
  }

  async function underLocks<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const client = await hold(keys);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // What the work says counts for more than how the lock fared.
      await letGo(client, keys).catch(() => undefined);
      throw error;
    }
    await letGo(client, keys);
    return result;
  }

  /** One turn within another, so that a connection is taken only when all of them have come. */
  async function inTurns<T>(
    keys: readonly string[],
    work: () => Promise<T>,
    index = 0,
  ): Promise<T> {
    const key = keys[index];
    if (key === undefined) return work();
    try {
      return await inTurn(key, waitMs, async () => inTurns(keys, work, index + 1));
    } catch (error) {
      throw error instanceof TurnMissed ? tooLate(key) : error;
    }
  }

  return {
    exclusively: async (key, work) => {
      const keys = [key].flat();
      return inTurns(keys, async () => underLocks(keys, work));
    },
    close: async () => pool.end(),
  };
}
