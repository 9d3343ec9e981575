import { Pool, type PoolClient } from 'pg';
import { ReleaseError } from '../../contract/errors';
import { connectionConfig, type PostgresOptions } from './database';
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
  exclusively<T>(key: string, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

// Apart from other users of advisory locks in this database.
const SEED = 7_031_947;
const LOCK = `SELECT pg_advisory_lock(hashtextextended($1, ${SEED}))`;
const UNLOCK = `SELECT pg_advisory_unlock(hashtextextended($1, ${SEED})) AS held`;

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
async function letGo(client: PoolClient, key: string): Promise<void> {
  try {
    const { rows } = await client.query<{ readonly held: boolean }>(UNLOCK, [key]);
    if (rows[0]?.held !== true) throw lost(key);
  } catch (error) {
    client.release(true);
    throw error instanceof ReleaseError ? error : lost(key, error);
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

  async function hold(key: string): Promise<PoolClient> {
    const client = await pool.connect().catch((error: unknown) => {
      throw toReleaseError(error);
    });
    try {
      await client.query(LOCK, [key]);
      return client;
    } catch (error) {
      // A time-out on our side may leave the server still waiting: end the session rather than use it again.
      client.release(true);
      throw toReleaseError(error);
    }
  }

  async function underLock<T>(key: string, work: () => Promise<T>): Promise<T> {
    const client = await hold(key);
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // What the work says counts for more than how the lock fared.
      await letGo(client, key).catch(() => undefined);
      throw error;
    }
    await letGo(client, key);
    return result;
  }

  return {
    exclusively: async (key, work) => {
      try {
        return await inTurn(key, waitMs, async () => underLock(key, work));
      } catch (error) {
        throw error instanceof TurnMissed ? tooLate(key) : error;
      }
    },
    close: async () => pool.end(),
  };
}
