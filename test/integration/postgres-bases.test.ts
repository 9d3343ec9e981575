import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createPostgresLedger } from '../../src/adapters/postgres/ledger';
import { fakeDigest, NOW } from '../support/api-fixtures';
import { describeBaseCatalogue } from '../support/contracts/base-catalogue';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { openStores } from '../support/registry-stores';

jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describeBaseCatalogue('Postgres', async () => {
  const stores = await openStores(await server.freshDatabase());
  const { baseCatalogue: catalogue, connectionString } = stores;
  const ledger = createPostgresLedger({ connectionString, max: 2 });
  let moves = 0;
  return {
    catalogue,
    pin: async (svc, digest) => {
      const key = `move ${(moves += 1)}`;
      const epoch = await ledger.bumpEpoch(svc, key);
      const move = {
        ...{ svc, channel: { env: 'prod', tag: 'stable' } as const, expected: null, next: digest },
        ...{ epoch, actor: 'test', reason: 'arranged', idempotencyKey: key },
      };
      await ledger.beginMove(move);
      await ledger.completeMove(move, NOW);
    },
    close: async () => {
      await ledger.close();
      await stores.close();
    },
  };
});

it('knows what was released before it was written down, by what the provenance gate recorded', async () => {
  const stores = await openStores(await server.freshDatabase());
  const { baseCatalogue, client, connectionString } = stores;
  const ledger = createPostgresLedger({ connectionString, max: 2 });
  const [image, base] = [fakeDigest('checkout'), fakeDigest('alpine')];
  const record = (gate: 'build' | 'provenance', outcome: 'pass' | 'fail', bases: string[]) =>
    ledger.recordVerdict(
      'checkout/1.4.0_abc1234',
      `${gate} ${outcome}`,
      'h',
      { gate, subject: image, outcome, reasons: [], evidence: { bases } },
      NOW,
    );
  await record('provenance', 'pass', [`bases/alpine@${base}`, 'bases/odd@no digest']);
  await record('provenance', 'fail', [`bases/refused@${fakeDigest('refused')}`]);
  await record('build', 'pass', [base]);
  const file = path.resolve('src/adapters/postgres/migrations/0014_bases.sql');
  const backfill = (await readFile(file, 'utf8')).split('-- What was released before')[1] ?? '';

  await client.query(`-- ${backfill}`);

  expect(await baseCatalogue.usesOf(base, 10)).toEqual([
    {
      ...{ svc: 'checkout', releaseId: 'checkout/1.4.0_abc1234', digest: image },
      ...{ baseRepository: 'bases/alpine', baseDigest: base },
    },
  ]);
  expect(await baseCatalogue.usesOf(fakeDigest('refused'), 10)).toEqual([]);
  await ledger.close();
  await stores.close();
});
