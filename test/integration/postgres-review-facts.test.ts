import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import { createDatabase, type Database } from '../../src/adapters/postgres/database';
import { createReviewFacts, type ReviewFacts } from '../../src/adapters/postgres/review-facts';
import { releaseStatus } from '../support/api-fixtures';
import { denialOf, pin } from '../support/contracts/allow-list';
import { REPOSITORY } from '../support/contracts/inventory-builders';
import { A, B, codeOf, STABLE, T0 } from '../support/contracts/ledger-builders';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores, type OpenStores } from '../support/registry-stores';

jest.setTimeout(60_000);

const IMAGE = { repository: REPOSITORY, digest: A };

let server: PostgresServer;
let open: OpenStores;
let ledger: PostgresLedger;
let database: Database;
let facts: ReviewFacts;
const statements: string[] = [];

beforeAll(async () => {
  server = await startPostgres();
  open = await openStores(await server.freshDatabase());
  const { connectionString } = open;
  ledger = createPostgresLedger({ connectionString });
  database = createDatabase({ connectionString });
  facts = createReviewFacts({
    ...database,
    query: (text, values, name) => {
      statements.push(name ?? text);
      return database.query(text, values, name);
    },
  });
  const released = releaseStatus({ svc: 'shop', digest: A, outcome: 'released', stage: 'done' });
  await ledger.saveStatus(released, 'run-1', 1);
  const scan = { gate: 'scan', subject: A, outcome: 'pass', reasons: [], evidence: {} } as const;
  await ledger.recordVerdict(released.releaseId, 'run-1', 'sha256:p', scan, T0);
  await pin(ledger, A, T0, STABLE, 'shop');
  await open.allowList.addDenial(denialOf({ digest: B }));
});
beforeEach(() => (statements.length = 0));
afterAll(async () => {
  await Promise.all([ledger.close(), database.close(), open.close()]);
  await server.stop();
});

it('asks both about a digest by one statement, and says what each would say', async () => {
  const [allow, release] = await Promise.all([facts.facts(IMAGE), facts.releaseFacts('shop', A)]);

  expect(statements).toEqual(['review-facts']);
  expect(allow).toEqual(await open.allowList.facts(IMAGE));
  expect(release).toEqual(await ledger.releaseFacts('shop', A));
  expect([allow.pins.length, release.scan?.verdict.outcome]).toEqual([1, 'pass']);
});

it('asks no more than it was asked', async () => {
  expect(await facts.facts({ ...IMAGE, digest: B })).toEqual(
    await open.allowList.facts({ ...IMAGE, digest: B }),
  );
  expect(await facts.releaseFacts('shop', A)).toEqual(await ledger.releaseFacts('shop', A));
  expect(statements).toEqual(['allow-facts', 'release-facts']);
});

it('keeps apart what is asked of a digest in two repositories, for two services', async () => {
  const other = { ...IMAGE, repository: 'apps/other/other' };

  const [here, there, shop, cart] = await Promise.all([
    ...[facts.facts(IMAGE), facts.facts(other)],
    ...[facts.releaseFacts('shop', A), facts.releaseFacts('cart', A)],
  ]);

  expect([here, there]).toEqual([
    await open.allowList.facts(IMAGE),
    await open.allowList.facts(other),
  ]);
  expect([shop, cart]).toEqual([
    await ledger.releaseFacts('shop', A),
    await ledger.releaseFacts('cart', A),
  ]);
});

it('tells both when Postgres is away', async () => {
  const away = createDatabase({ connectionString: 'postgres://plura@127.0.0.1:9/plura' });
  const asked = createReviewFacts(away);

  const codes = await Promise.all([
    codeOf(asked.facts(IMAGE)),
    codeOf(asked.releaseFacts('shop', A)),
  ]);

  expect(codes).toEqual(['LEDGER_UNAVAILABLE', 'LEDGER_UNAVAILABLE']);
  await away.close();
});
