import { toUSVString } from 'node:util';
import { Pool, type ClientConfig, type PoolClient, type QueryResultRow } from 'pg';
import { ReleaseError } from '../../contract/errors';
import { copyIn } from './copy-in';
import { connectionIsLost, toReleaseError } from './failures';

export interface PostgresOptions {
  readonly connectionString: string;
  /** Connections at most; default 10. */
  readonly max?: number;
  readonly timeouts?: {
    /** Milliseconds to get a connection; default 3000. */
    readonly connectMs?: number;
    /** Milliseconds a statement may run on the server; default 5000. A dead network is noticed 2 s later. */
    readonly statementMs?: number;
  };
  /** Told when an idle connection breaks; the pool opens a new one by itself. */
  readonly onConnectionLost?: (error: Error) => void;
}

type SqlValue = string | number | boolean | null;

export interface Sql {
  /** `name`: planned once a connection, for what is asked often and always by the same text. */
  query<Row extends QueryResultRow>(
    text: string,
    values?: readonly SqlValue[],
    name?: string,
  ): Promise<Row[]>;
}

export interface Transaction extends Sql {
  /** `text` is a `COPY … FROM STDIN`; a line a row (see copyLine). Each call ends within the time of a statement. */
  copy(text: string, lines: Iterable<string>): Promise<void>;
}

export interface Database extends Sql {
  /** Runs `work` in one transaction; an error rolls it back. */
  transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

type Queryable = Pick<PoolClient, 'query'>;

/** jsonb and text hold no NUL and no lone surrogate; what a log line brought along becomes U+FFFD. */
function storable(text: string): string {
  return toUSVString(text.replaceAll('\0', '\uFFFD'));
}

/** `value` as the text of a jsonb parameter. */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string' ? storable(member) : member,
  );
}

function sqlOn(target: Queryable): Sql {
  return {
    query: async <Row extends QueryResultRow>(
      text: string,
      values: readonly SqlValue[] = [],
      name?: string,
    ) => {
      const safe = values.map((value) => (typeof value === 'string' ? storable(value) : value));
      const query = { text, values: safe, ...(name !== undefined && { name }) };
      return (await target.query<Row>(query)).rows;
    },
  };
}

async function runTransaction<T>(
  client: PoolClient,
  work: (sql: Transaction) => Promise<T>,
): Promise<T> {
  await client.query('BEGIN');
  const copy: Transaction['copy'] = (text, lines) => copyIn(client, text, lines);
  try {
    const result = await work({ ...sqlOn(client), copy });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // On a lost connection the server rolls back by itself, and there is nobody to tell.
    if (!connectionIsLost(error)) {
      await client.query('ROLLBACK');
    }
    throw error;
  }
}

/** How every connection of this product is made; a dead peer is noticed within about half a minute. */
export function connectionConfig(options: PostgresOptions): ClientConfig {
  return {
    connectionString: options.connectionString,
    application_name: 'plura-reg',
    connectionTimeoutMillis: options.timeouts?.connectMs ?? 3000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
}

export function createDatabase(options: PostgresOptions): Database {
  const statementMs = options.timeouts?.statementMs ?? 5000;
  const pool = new Pool({
    ...connectionConfig(options),
    max: options.max ?? 10,
    statement_timeout: statementMs,
    lock_timeout: statementMs,
    query_timeout: statementMs + 2000,
    idle_in_transaction_session_timeout: statementMs * 2,
  });
  const onLost = (error: Error): void => options.onConnectionLost?.(error);
  pool.on('error', onLost);
  const direct = sqlOn(pool);

  async function transaction<T>(work: (sql: Transaction) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    // While it is checked out the pool does not listen, and an unheard 'error' would end the process.
    client.on('error', onLost);
    let failure: unknown;
    try {
      return await runTransaction(client, work);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      client.off('error', onLost);
      client.release(connectionIsLost(failure));
    }
  }

  return {
    query: async <Row extends QueryResultRow>(
      text: string,
      values?: readonly SqlValue[],
      name?: string,
    ) => direct.query<Row>(text, values, name).catch(rethrow),
    transaction: async (work) => transaction(work).catch(rethrow),
    close: async () => pool.end(),
  };
}

function rethrow(error: unknown): never {
  throw error instanceof ReleaseError ? error : toReleaseError(error);
}
