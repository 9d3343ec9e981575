import { runConformance, type ConformanceReport, type Tally } from '../support/conformance';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(600_000);

let postgres: PostgresServer;
let registry: RegistryServer;
let behind: RegistryServer;
let shared: RegistryServer;
let gateway: GatewayProcess;
let beside: GatewayProcess;
let bare: ConformanceReport;
let through: ConformanceReport;
/** As `through`, with the blobs read where the registry keeps them. */
let stored: ConformanceReport;

async function startBefore(
  { url: backendUrl }: RegistryServer,
  more: { readonly storageDir?: string } = {},
): Promise<GatewayProcess> {
  const database = await postgres.freshDatabase();
  return startGatewayProcess({ backendUrl, database, open: ['scratch'], ...more });
}

async function runThrough(one: GatewayProcess): Promise<ConformanceReport> {
  const credentials = await one.createRobot({
    scopes: [{ repositories: 'scratch/**', actions: ['pull', 'push', 'delete'] }],
  });
  return runConformance({ host: one.host, credentials });
}

beforeAll(async () => {
  postgres = await startPostgres();
  registry = await startRegistry();
  behind = await startRegistry();
  shared = await startRegistry();
  gateway = await startBefore(behind);
  beside = await startBefore(shared, { storageDir: shared.storageDir });
  bare = await runConformance({ host: registry.host });
  through = await runThrough(gateway);
  stored = await runThrough(beside);
  const line = (name: string, { passed, failed, skipped }: Tally): string =>
    `conformance ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped\n`;
  process.stdout.write(
    line('bare registry', bare.total) +
      line('through the gateway', through.total) +
      line('with blobs from its folder', stored.total),
  );
});
afterAll(async () => {
  await Promise.all([gateway.stop(), beside.stop()]);
  await Promise.all([behind.stop(), registry.stop(), shared.stop()]);
  await postgres.stop();
});

const notPassed = ({ failed, skipped }: Tally): number => failed + skipped;

test('the suite ran in full', () => {
  expect(bare.total.passed).toBeGreaterThan(200);
  expect(through.total.passed).toBeGreaterThanOrEqual(bare.total.passed);
});

test('what passes on the bare registry passes through the gateway', () => {
  const worse = [...bare.byName].flatMap(([name, tally]) => {
    const ours = through.byName.get(name);
    // A test that is tried again after a failure has fewer tries where nothing fails.
    if (!ours) return tally.passed > 0 && notPassed(tally) === 0 ? [`${name}: was not run`] : [];
    if (notPassed(ours) <= notPassed(tally)) return [];
    return [`${name}: ${JSON.stringify(through.said.get(name))}`];
  });

  expect(worse).toEqual([]);
});

test('nothing of it depends on where the gateway reads blobs', () => {
  const worse = [...through.byName].filter(([name, tally]) => {
    const ours = stored.byName.get(name);
    return !ours || notPassed(ours) > notPassed(tally);
  });

  expect(stored.total).toEqual(through.total);
  expect(worse).toEqual([]);
});

test('the gateway adds no failure, except where sha512 is wanted, which it does not take', () => {
  const added = [...through.byName]
    .filter(([name, { failed }]) => failed > (bare.byName.get(name)?.failed ?? 0))
    .filter(([name]) => !name.includes('sha512'))
    .map(([name]) => `${name}: ${JSON.stringify(through.said.get(name))}`);

  expect(added).toEqual([]);
});

test('the referrers API, which the bare registry lacks, passes through the gateway', () => {
  const referrers = [...through.byName].filter(([name]) => /(^|\/)referrers$/.test(name));
  const lacking = [...bare.byName].filter(
    ([name, tally]) => /(^|\/)referrers$/.test(name) && notPassed(tally) > 0,
  );

  expect(referrers.length).toBeGreaterThan(3);
  expect(lacking.length).toBeGreaterThan(0);
  expect(referrers.filter(([, tally]) => notPassed(tally) > 0)).toEqual([]);
});
