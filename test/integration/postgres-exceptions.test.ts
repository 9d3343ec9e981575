import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { describeExceptions } from '../support/contracts/exceptions';
import { pushed, pushOf } from '../support/contracts/inventory-builders';
import { A, T0, T1 } from '../support/contracts/ledger-builders';
import { coveredEvidence, coveredFinding, requestOf } from '../support/exceptions';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, type OpenStores } from '../support/registry-stores';

jest.setTimeout(60_000);

const BOTH = { parents: true, children: true };
let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describeExceptions('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  const { exceptions, inventory, state, connectionString } = stores;
  const ledger = createPostgresLedger({ connectionString, max: 2 });
  return {
    ...{ exceptions, ledger, inventory },
    lapses: async () => (await state.read(BOTH)).lapses,
    close: async () => {
      await ledger.close();
      await stores.close();
    },
  };
});

describe('Postgres keeps exceptions', () => {
  let stores: OpenStores;

  beforeEach(async () => {
    stores = await openStores(await server.freshDatabase());
    await stores.exceptions.request(requestOf());
  });

  afterEach(async () => {
    await stores.close();
  });

  it.each([
    ['a later end', `UPDATE exceptions SET expires_at = '2999-06-01'`],
    ['another package', `UPDATE exceptions SET package_name = 'zlib'`],
    ['their removal', 'DELETE FROM exceptions'],
    ['their removal all at once', 'TRUNCATE exceptions CASCADE'],
    [
      'an approval by who asked',
      `UPDATE exceptions SET approved_by = 'alice', approved_at = now()`,
    ],
    ['an approval by the owner', `UPDATE exceptions SET approved_by = 'erin', approved_at = now()`],
    ['an approval by nobody', 'UPDATE exceptions SET approved_at = now()'],
  ])('from %s', async (_, statement) => {
    await expect(stores.client.query(statement)).rejects.toThrow(/refused|violates/);
  });

  it('from an approval or a revocation that is taken back', async () => {
    await stores.exceptions.approve('exc-1', 'sam', T0);
    await stores.exceptions.revoke('exc-1', 'olga', 'over', T1);
    const undo = ['approved_by = NULL, approved_at = NULL', 'revoked_by = NULL, revoked_at = NULL'];

    for (const change of undo) {
      const statement = `UPDATE exceptions SET ${change}`;
      await expect(stores.client.query(statement)).rejects.toThrow('refused');
    }
  });

  it('and tells those that watch the registry of each change', async () => {
    let told = 0;
    const stop = new AbortController();
    stores.state.watch(() => (told += 1), stop.signal);
    while (told === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = told;

    await stores.exceptions.approve('exc-1', 'sam', T0);

    while (told === before) await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort();
    expect(told).toBeGreaterThan(before);
  });

  it('and what rests on them by the newest scan, whichever is written last', async () => {
    const { connectionString } = stores;
    const ledger = createPostgresLedger({ connectionString, max: 8 });
    const about = { gate: 'scan', subject: A, outcome: 'pass', reasons: [] } as const;
    const evidence = coveredEvidence(coveredFinding());

    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        ledger.recordRescan('shop/1.0.0_abc', `run ${n}`, 'h', { ...about, evidence }, T1),
      ),
    );

    const { rows } = await stores.client.query(
      'SELECT count(*)::integer AS lines, max(verdict_id) = (SELECT max(id) FROM verdicts) AS newest FROM scan_coverage',
    );
    expect(rows).toEqual([{ lines: 1, newest: true }]);
    await ledger.close();
  });

  it('and nothing of an older pass that is written after one without exceptions', async () => {
    const { client } = stores;
    const evidence = JSON.stringify(coveredEvidence(coveredFinding()));
    const insert = (run: string, text: string): string => `INSERT INTO verdicts
      (release_id, run_id, gate, subject, outcome, reasons, evidence, policy_hash, at, content_hash)
      OVERRIDING SYSTEM VALUE
      VALUES ('shop/1.0.0_abc', '${run}', 'scan', '${A}', 'pass', '[]', '${text}', 'h', now(), '${run}')`;
    await client.query(insert('newer', '{}'));

    await client.query(
      insert('older', evidence)
        .replace('(release_id', '(id, release_id')
        .replace(`('shop`, `(0, 'shop`),
    );

    const { rows } = await client.query('SELECT digest FROM scan_coverage');
    expect(rows).toEqual([]);
  });

  it('and tells nobody of scans that need none', async () => {
    const { connectionString } = stores;
    const ledger = createPostgresLedger({ connectionString, max: 2 });
    let told = 0;
    const stop = new AbortController();
    stores.state.watch(() => (told += 1), stop.signal);
    while (told === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const before = told;

    const about = { gate: 'scan', subject: A, outcome: 'pass', reasons: [], evidence: {} } as const;
    await ledger.recordRescan('shop/1.0.0_abc', 'run', 'h', about, T1);
    await new Promise((resolve) => setTimeout(resolve, 200));

    stop.abort();
    expect(told).toBe(before);
    await ledger.close();
  });

  it('and nothing of what the collector took away, until it is pushed again', async () => {
    const { connectionString, exceptions, inventory, state, tombstones } = stores;
    const ledger = createPostgresLedger({ connectionString, max: 2 });
    const about = { gate: 'scan', subject: A, outcome: 'pass', reasons: [] } as const;
    const verdict = { ...about, evidence: coveredEvidence(coveredFinding()) };
    await ledger.recordRescan('shop/1.0.0_abc', 'run', 'h', verdict, T1);
    const seen = async (): Promise<readonly number[]> => [
      (await exceptions.lapsed(T1, 10)).length,
      (await state.read(BOTH)).lapses.length,
    ];
    const before = await seen();
    const grave = { repository: 'apps/shop/web', digest: A, planId: 'plan', deletedAt: T0 };
    await tombstones.bury({ ...grave, mediaType: 'm', bytes: Buffer.from('{}'), tags: [] });
    const buried = await seen();

    await tombstones.markReclaimed(T1, 'gc', T1);
    const reclaimed = await seen();
    await pushed(inventory, pushOf({ digest: A, tag: null }));

    expect([before, buried, reclaimed]).toEqual([
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    expect(await seen()).toEqual([1, 1]);
    await ledger.close();
  });
});
