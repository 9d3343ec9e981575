import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import type { Digest } from '../../src/domain/digest';
import type { RootFacts } from '../../src/domain/gc/roots';
import { releaseStatus } from '../support/api-fixtures';
import { grantOf, holdOf, pin } from '../support/contracts/allow-list';
import { pushOf } from '../support/contracts/inventory-builders';
import { A, B, C, CANDIDATE, digestOf, moveOf } from '../support/contracts/ledger-builders';
import { leaseOf } from '../support/contracts/leases';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, type OpenStores } from '../support/registry-stores';

jest.setTimeout(60_000);

const DAY_MS = 86_400_000;
const AT = '2026-06-01T00:00:00.000Z';
const D = digestOf('d');
const before = (days: number): string => new Date(Date.parse(AT) - days * DAY_MS).toISOString();

describe('roots in Postgres', () => {
  let server: PostgresServer;
  let stores: OpenStores;
  let ledger: PostgresLedger;

  beforeAll(async () => {
    server = await startPostgres();
  });

  afterAll(async () => {
    await server.stop();
  });

  beforeEach(async () => {
    stores = await openStores(await server.freshDatabase());
    ledger = createPostgresLedger({ connectionString: stores.connectionString });
  });

  afterEach(async () => {
    await Promise.all([stores.close(), ledger.close()]);
  });

  const read = (windowMs = 30 * DAY_MS): Promise<RootFacts> =>
    stores.gcRoots.read({ at: AT, windowMs: () => windowMs });

  const reasonsOf = ({ roots }: RootFacts, digest: Digest): readonly string[] =>
    roots.filter((root) => root.digest === digest).map(({ reason }) => reason);

  it('are empty where nothing happened', async () => {
    expect(await read()).toEqual({ roots: [], reaches: [], missing: [] });
  });

  it('hold what a channel had within its window, and say until when each digest was where', async () => {
    await pin(ledger, A, before(100));
    await pin(ledger, B, before(40));
    await pin(ledger, C, before(10));
    await pin(ledger, A, before(90), CANDIDATE);

    const facts = await read();

    expect(reasonsOf(facts, A)).toEqual(['channel']);
    expect(reasonsOf(facts, B)).toEqual(['channel-history']);
    expect(reasonsOf(facts, C)).toEqual(['channel']);
    expect(reasonsOf(await read(5 * DAY_MS), B)).toEqual([]);
    expect(facts.reaches).toHaveLength(4);
    expect(facts.reaches).toEqual(
      expect.arrayContaining([
        { digest: A, channel: 'prod:stable', lastAtMs: Date.parse(before(40)) },
        { digest: B, channel: 'prod:stable', lastAtMs: Date.parse(before(10)) },
        { digest: C, channel: 'prod:stable', lastAtMs: Date.parse(AT) },
        { digest: A, channel: 'prod:candidate', lastAtMs: Date.parse(AT) },
      ]),
    );
  });

  it('take the longest of several services', async () => {
    await pin(ledger, A, before(100));
    await pin(ledger, B, before(90));
    await pin(ledger, A, before(80), undefined, 'cart');
    await pin(ledger, B, before(20), undefined, 'cart');

    const { reaches } = await read();

    const reached = reaches.find(({ digest }) => digest === A);
    expect(reached?.lastAtMs).toBe(Date.parse(before(20)));
  });

  it('hold what a channel is about to point at', async () => {
    const epoch = await ledger.bumpEpoch('shop', 'key');
    await ledger.beginMove(moveOf({ next: D, epoch }));

    expect(reasonsOf(await read(), D)).toEqual(['channel']);
  });

  it('let go of what has ended', async () => {
    await stores.leases.renew(leaseOf({ expiresAt: AT, renewedAt: before(1) }));
    await stores.allowList.addHold(holdOf({ digest: A, until: before(0) }));
    await stores.allowList.addGrant(grantOf({ digest: A, grantedAt: before(9), expiresAt: AT }));
    const key = { keyId: 'k', svc: 'shop', from: A, to: A, expiresAt: AT };
    await ledger.issueRevertKey(key, 'hash');
    const status = releaseStatus({ releaseId: 'shop/1.0.0_abc', svc: 'shop', digest: A });
    await ledger.saveStatus(status, 'first run', 1);
    await ledger.saveStatus({ ...status, outcome: 'released' }, 'second run', 1);

    expect(await read()).toMatchObject({ roots: [] });
  });

  it('hold the bases of what is still here, and of nothing else', async () => {
    const push = pushOf({ repository: 'apps/shop/web', digest: A, tag: null });
    await stores.inventory.beginPush(push);
    await stores.inventory.completePush(push);
    const verdict = { outcome: 'pass', reasons: [] } as const;
    const built = { ...verdict, gate: 'build', evidence: { bases: [C] } } as const;
    const bases = [`bases/go@${D}`, 'bases/odd@no digest'];
    const proven = { ...verdict, gate: 'provenance', evidence: { bases } } as const;
    await ledger.recordVerdict('r', 'run', 'h', { ...built, subject: A }, AT);
    await ledger.recordVerdict('r', 'run', 'h', { ...proven, subject: A }, AT);
    const gone = { ...built, subject: B, evidence: { bases: [digestOf('gone')] } };
    await ledger.recordVerdict('r', 'run', 'h', gone, AT);

    const facts = await read();

    expect(facts.roots.map(({ reason, digest }) => [reason, digest]).sort()).toEqual(
      [C, D].map((digest) => ['base-in-use', digest]).sort(),
    );
  });
});
