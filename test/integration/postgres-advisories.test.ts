import { createPostgresRegistryStores } from '../../src/adapters/postgres/registry-stores';
import {
  ADVISORY,
  caseOf,
  describeAdvisoryCases,
  hitOf,
} from '../support/contracts/advisory-cases';
import { describeDatabaseMirrors } from '../support/contracts/database-mirrors';
import { A, codeOf, digestOf, T0, T1 } from '../support/contracts/ledger-builders';
import { requestOf } from '../support/exceptions';
import { startPostgres, type PostgresServer } from '../support/postgres-server';

jest.setTimeout(60_000);

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
});

afterAll(async () => {
  await server.stop();
});

describeAdvisoryCases('Postgres', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  return { cases: stores.advisoryCases, close: async () => stores.close() };
});

describeDatabaseMirrors('Postgres', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  return { mirrors: stores.databaseMirrors, close: async () => stores.close() };
});

it('opens one case when many ask for it at once', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  const asked = Array.from({ length: 12 }, (_, number) => hitOf({ digest: digestOf(`${number}`) }));

  const opened = await Promise.all(asked.map((hit) => stores.advisoryCases.open(caseOf(), [hit])));
  const [all, hits] = await Promise.all([
    stores.advisoryCases.list('all', 10),
    stores.advisoryCases.hitsOf(ADVISORY),
  ]);
  await stores.close();

  expect(new Set(opened.map(({ openedAt }) => openedAt))).toEqual(new Set([T0]));
  expect(all).toHaveLength(1);
  expect(hits).toHaveLength(12);
});

it('does not hold a dismissal by an exception that was revoked', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  const { advisoryCases: cases, exceptions } = stores;
  const asked = requestOf({ vulnerabilityId: ADVISORY, kind: 'break-glass', svc: 'shop' });
  await exceptions.request(asked);
  await exceptions.approve(asked.id, 'sam', T0);
  await cases.open(caseOf(), [hitOf()]);
  await cases.close(ADVISORY, T0, {
    ...{ kind: 'not-affected', justification: 'exception', reason: asked.id, by: 'erin' },
    until: asked.expiresAt,
  });

  const before = await cases.dismissed(ADVISORY, [A], T1);
  await exceptions.revoke(asked.id, 'sam', 'an exploit is out', T1);
  const after = await cases.dismissed(ADVISORY, [A], T1);
  await stores.close();

  expect([before, after]).toEqual([[A], []]);
});

it('says of everything that it could not find out when Postgres is down', async () => {
  const stores = createPostgresRegistryStores({ connectionString: await server.freshDatabase() });
  const { advisoryCases: cases } = stores;
  await server.crash();

  const codes = await Promise.all(
    [
      cases.open(caseOf(), [hitOf()]),
      cases.read(ADVISORY),
      cases.list('all', 1),
      cases.hitsOf(ADVISORY),
      cases.dismissed(ADVISORY, [A], T0),
      cases.acts(ADVISORY),
      cases.wantedByOthers(ADVISORY, [A]),
      cases.close(ADVISORY, T0, { kind: 'replaced' }),
      cases.timeline(ADVISORY),
      stores.databaseMirrors.newest('java'),
    ].map(async (call) => codeOf(call)),
  );
  await stores.close();
  await server.start();

  expect(new Set(codes)).toEqual(new Set(['LEDGER_UNAVAILABLE']));
});
