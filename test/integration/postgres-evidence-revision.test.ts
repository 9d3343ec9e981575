import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import type { VerdictOutcome } from '../../src/domain/verdict';
import type { Revisions } from '../../src/ports/allow-list';
import { releaseStatus } from '../support/api-fixtures';
import { listen } from '../support/contracts/gateway-state';
import { REPOSITORY } from '../support/contracts/inventory-builders';
import { A, B, T0, T1 } from '../support/contracts/ledger-builders';
import { requestOf } from '../support/exceptions';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, untilRow, type OpenStores } from '../support/registry-stores';

jest.setTimeout(60_000);

const RELEASE = 'shop/1.0.0_abc';
const LISTENING_MS = 1_000;

let server: PostgresServer;
let stores: OpenStores;
let ledger: PostgresLedger;
let runs = 0;

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

beforeEach(async () => {
  stores = await openStores(await server.freshDatabase());
  ledger = createPostgresLedger({ connectionString: stores.connectionString, max: 4 });
});
afterEach(async () => {
  await ledger.close();
  await stores.close();
});

async function scan(outcome: VerdictOutcome, subject = A, gate: 'scan' | 'sbom' = 'scan') {
  const verdict = { gate, subject, outcome, reasons: [], evidence: {} } as const;
  await ledger.recordRescan(RELEASE, `run ${(runs += 1)}`, 'sha256:policy', verdict, T1);
}

async function run(runId: string, sequence: number, outcome?: 'released' | 'rejected') {
  const of = { releaseId: RELEASE, svc: 'shop', repository: REPOSITORY, digest: A };
  const status = releaseStatus({ ...of, ...(outcome && { outcome }) });
  await ledger.saveStatus(status, runId, sequence);
}

async function exception(id: string): Promise<void> {
  await stores.exceptions.request(requestOf({ id, expiresAt: '2999-01-01T00:00:00.000Z' }));
}

const approve = (id: string): Promise<unknown> => stores.exceptions.approve(id, 'sam', T0);
const revoke = (id: string): Promise<unknown> => stores.exceptions.revoke(id, 'olga', 'over', T1);

async function tagged(count: number): Promise<void> {
  await stores.client.query(
    `INSERT INTO tags (repository, tag, digest, claimed_by, claimed_at)
     SELECT $1, 'v' || n, $2, 'ci', now() FROM generate_series(1, $3) n`,
    [REPOSITORY, A, count],
  );
}

/** By how much each number has moved. */
async function movedBy(change: () => Promise<unknown>): Promise<Revisions> {
  const before = await stores.allowList.revisions();
  await change();
  const after = await stores.allowList.revisions();
  return {
    allowList: after.allowList - before.allowList,
    evidence: after.evidence - before.evidence,
  };
}

const EVIDENCE = { allowList: 0, evidence: 1 };
const ALLOW_LIST = { allowList: 1, evidence: 0 };
const BOTH = { allowList: 1, evidence: 1 };
const NEITHER = { allowList: 0, evidence: 0 };

describe('the revision of evidence', () => {
  it.each(['fail', 'error', 'inconclusive'] as const)(
    'moves by a scan that says %s where the last one passed, and once',
    async (outcome) => {
      await scan('pass');

      expect(await movedBy(() => scan(outcome))).toEqual(EVIDENCE);
      expect(await movedBy(() => scan(outcome))).toEqual(NEITHER);
      await scan('pass');
      expect(await movedBy(() => scan(outcome))).toEqual(EVIDENCE);
    },
  );

  it('does not move by what passes, by the first scan of a release, and by other gates', async () => {
    expect(await movedBy(() => scan('pass'))).toEqual(NEITHER);
    expect(await movedBy(() => scan('pass'))).toEqual(NEITHER);
    expect(await movedBy(() => scan('fail', B))).toEqual(NEITHER);
    expect(await movedBy(() => scan('fail', A, 'sbom'))).toEqual(NEITHER);
  });

  it('moves by a scan that fails while one that passes is being written', async () => {
    await scan('fail');
    await stores.client.query('BEGIN');
    await stores.client.query(
      `INSERT INTO verdicts
         (release_id, run_id, gate, subject, outcome, reasons, evidence, policy_hash, at, content_hash)
       VALUES ($1, 'open', 'scan', $2, 'pass', '[]', '{}', 'h', now(), 'open')`,
      [RELEASE, A],
    );

    const moved = movedBy(async () => {
      const failing = scan('fail');
      await untilRow(
        stores.client,
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
      );
      await stores.client.query('COMMIT');
      await failing;
    });

    expect(await moved).toEqual(EVIDENCE);
  });

  it('moves by the revocation of an exception that was approved, and by nothing else of it', async () => {
    expect(await movedBy(() => exception('e-1'))).toEqual(NEITHER);
    expect(await movedBy(() => approve('e-1'))).toEqual(NEITHER);
    expect(await movedBy(() => revoke('e-1'))).toEqual(EVIDENCE);
    await exception('e-2');
    expect(await movedBy(() => revoke('e-2'))).toEqual(NEITHER);
  });

  it('moves by a release that ends badly, and by a newer run of it', async () => {
    expect(await movedBy(() => run('one', 1))).toEqual(NEITHER);
    expect(await movedBy(() => run('one', 2, 'released'))).toEqual(NEITHER);
    expect(await movedBy(() => run('two', 1))).toEqual(EVIDENCE);
    expect(await movedBy(() => run('two', 2, 'rejected'))).toEqual(EVIDENCE);
    expect(await movedBy(() => run('three', 1))).toEqual(NEITHER);
  });

  it('is told within a second', async () => {
    const watching = new AbortController();
    const heard = listen(watching.signal, stores.allowList);
    await heard.next();
    await scan('pass');

    await scan('fail');
    const from = performance.now();
    await heard.next();

    expect(performance.now() - from).toBeLessThan(LISTENING_MS);
    expect(heard.count()).toBe(2);
    watching.abort();
  });
});

describe('a home that a digest loses', () => {
  it('moves the allow-list, once however many go in one transaction', async () => {
    expect(await movedBy(() => tagged(2_000))).toEqual(NEITHER);
    const take = `DELETE FROM tags WHERE tag <> 'v1'`;

    expect(await movedBy(() => stores.client.query(take))).toEqual(ALLOW_LIST);
    const another = `UPDATE tags SET digest = '${B}'`;
    expect(await movedBy(() => stores.client.query(another))).toEqual(ALLOW_LIST);
  });

  it('moves nothing while it is only claimed', async () => {
    await tagged(1);
    await stores.client.query('UPDATE tags SET pending_since = NULL');
    const claim = `INSERT INTO tags VALUES ('${REPOSITORY}', 'new', '${A}', 'ci', now(), now())`;
    await stores.client.query(claim);

    const gone = `DELETE FROM tags WHERE tag = 'new'`;
    expect(await movedBy(() => stores.client.query(gone))).toEqual(NEITHER);
  });

  it.each([
    ['that goes', 'DELETE FROM release_runs'],
    ['of another digest', `UPDATE release_runs SET digest = '${B}'`],
    [
      'of another repository',
      `UPDATE release_runs SET status = jsonb_set(status, '{repository}', '"apps/cart/web"')`,
    ],
  ])('moves both as the release %s', async (_what, statement) => {
    await run('one', 1);

    expect(await movedBy(() => stores.client.query(statement))).toEqual(BOTH);
  });
});
