import { Client } from 'pg';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import type { Verdict } from '../../src/domain/verdict';
import { describeLedger, type LedgerUnderTest } from '../support/contracts/ledger';
import { startPostgres, type PostgresServer } from '../support/postgres-server';

jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

async function open(): Promise<LedgerUnderTest> {
  const connectionString = await server.freshDatabase();
  const ledger = createPostgresLedger({ connectionString, max: 8 });
  const client = new Client({ connectionString });
  await client.connect();
  return {
    ledger,
    addException: async (one) => {
      await client.query(
        `INSERT INTO exceptions (id, kind, vulnerability_id, package_name, package_version, svc, reason, owner,
           requested_by, requested_at, expires_at, approved_by, approved_at, revoked_by, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'not reachable', 'erin', 'alice', now(), $7, 'sam', now(),
           CASE WHEN $8::timestamptz IS NULL THEN NULL ELSE 'sam' END, $8)`,
        [
          ...[one.id, one.kind, one.vulnerabilityId, one.packageName, one.packageVersion],
          ...[one.svc, one.expiresAt, one.revokedAt],
        ],
      );
    },
    quarantine: async (digest) => {
      await client.query(
        'INSERT INTO quarantines (digest, reason, actor, at) VALUES ($1, $2, $3, now())',
        [digest, 'incident', 'erin'],
      );
    },
    verdictsOf: async (runId) => {
      const { rows } = await client.query<Pick<Verdict, 'gate' | 'subject' | 'outcome'>>(
        'SELECT gate, subject, outcome FROM verdicts WHERE run_id = $1 ORDER BY id',
        [runId],
      );
      return rows;
    },
    close: async () => {
      await client.end();
      await ledger.close();
    },
  };
}

describeLedger('Postgres', open);

describe('Postgres ledger', () => {
  async function connect(connectionString: string): Promise<Client> {
    const client = new Client({ connectionString });
    await client.connect();
    return client;
  }

  it.each(["UPDATE audit SET actor = 'mallory'", 'DELETE FROM audit', 'TRUNCATE audit'])(
    'refuses to change the audit trail: %s',
    async (sql) => {
      const connectionString = await server.freshDatabase();
      const ledger = createPostgresLedger({ connectionString });
      const client = await connect(connectionString);
      const entry = { at: '2026-01-02T03:04:05.678Z', actor: 'alice', action: 'x', svc: 'shop' };
      await ledger.appendAudit({ ...entry, subject: 's', details: null }, 'a1');

      const refused = client.query(sql);

      await expect(refused).rejects.toThrow(/append-only/);
      expect(await ledger.listAudit('shop', 10)).toHaveLength(1);
      await client.end();
      await ledger.close();
    },
  );

  it('replaces what Postgres cannot store', async () => {
    const ledger = createPostgresLedger({ connectionString: await server.freshDatabase() });

    await ledger.saveDocument('log-entry', 'k', 'a\0b');

    expect(await ledger.getDocument('log-entry', 'k')).toBe('a\uFFFDb');
    await ledger.close();
  });

  it('is not open to SQL in values', async () => {
    const ledger = createPostgresLedger({ connectionString: await server.freshDatabase() });
    const nasty = `x'); DROP TABLE audit; --`;

    await ledger.saveDocument('log-entry', nasty, nasty);

    expect(await ledger.getDocument('log-entry', nasty)).toBe(nasty);
    expect(await ledger.listAudit('shop', 1)).toEqual([]);
    await ledger.close();
  });

  it('refuses an oversized document as invalid input', async () => {
    const ledger = createPostgresLedger({ connectionString: await server.freshDatabase() });

    const saved = ledger.saveDocument('log-entry', 'k', 'x'.repeat(1_048_577));

    await expect(saved).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await ledger.close();
  });

  it('says that the schema is missing, with the remedy', async () => {
    const ledger = createPostgresLedger({ connectionString: await server.emptyDatabase() });

    await expect(ledger.ping()).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      details: { remedy: expect.stringContaining('migrat') as string },
    });
    await ledger.close();
  });

  it('says that a statement took too long', async () => {
    const connectionString = await server.freshDatabase();
    const ledger = createPostgresLedger({ connectionString, timeouts: { statementMs: 200 } });
    const blocker = await connect(connectionString);
    await blocker.query('BEGIN; LOCK TABLE services IN ACCESS EXCLUSIVE MODE');

    await expect(ledger.currentEpoch('shop')).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });

    await blocker.query('ROLLBACK');
    await expect(ledger.currentEpoch('shop')).resolves.toBe(0);
    await blocker.end();
    await ledger.close();
  });

  it('reports an outage and works again after it, with nothing half done', async () => {
    const lost: Error[] = [];
    const connectionString = await server.freshDatabase();
    const ledger = createPostgresLedger({
      connectionString,
      onConnectionLost: (e) => lost.push(e),
    });
    const A = `sha256:${'a'.repeat(64)}` as const;
    const move = {
      svc: 'shop',
      channel: { env: 'prod', tag: 'stable' },
      expected: null,
      next: A,
      epoch: 1,
      actor: 'alice',
      reason: 'release',
      idempotencyKey: 'k1',
    } as const;
    await ledger.beginMove(move);

    await server.crash();
    const during = ledger.completeMove(move, '2026-01-02T03:04:05.678Z');
    await expect(during).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    await server.start();

    await expect(ledger.beginMove(move)).resolves.toEqual({ done: false });
    await ledger.completeMove(move, '2026-01-02T03:04:05.678Z');
    expect((await ledger.getChannel('shop', move.channel))?.digest).toBe(A);
    expect(lost.length).toBeGreaterThan(0);
    await ledger.close();
  });

  it('survives the loss of a connection in the middle of a transaction', async () => {
    const connectionString = await server.freshDatabase();
    const ledger = createPostgresLedger({ connectionString });
    const blocker = await connect(connectionString);
    await ledger.bumpEpoch('shop', 'b1');
    await blocker.query('BEGIN; SELECT 1 FROM services FOR UPDATE');

    const waiting = expect(ledger.bumpEpoch('shop', 'b2')).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
    });
    await killWaiters(blocker);
    await waiting;

    await blocker.query('ROLLBACK');
    await expect(ledger.bumpEpoch('shop', 'b2')).resolves.toBe(2);
    await blocker.end();
    await ledger.close();
  });
});

/** Ends the sessions of the ledger that wait for a lock; asks until there was one. */
async function killWaiters(client: Client): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = 'plura-reg' AND wait_event_type = 'Lock'`,
    );
    if (rowCount) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('no session of the ledger waited for the lock');
}
