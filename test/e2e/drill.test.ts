import { readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  DrillList,
  DrillReportView,
  RollbackTargetList,
} from '../../src/contract/schema/api-drill';
import type { Digest } from '../../src/domain/digest';
import { writeSamples } from '../support/e2e-services';
import { poll, startE2eStack, type E2eStack } from '../support/e2e-stack';

jest.setTimeout(600_000);

const REPOSITORY = 'apps/drill/drill';
const SIGNATURE = 'https://sigstore.dev/cosign/sign/v1';
const ROUNDS = 3;

let e2e: E2eStack;
let older: Digest;
let newer: Digest;

type Target = RollbackTargetList['targets'][number];

beforeAll(async () => {
  e2e = await startE2eStack({
    prepare: async (stateDir) => ({
      ...(await writeSamples(stateDir, {
        services: [{ svc: 'drill', drill: true }],
        sources: { one: { env: { GENERATION: 'one' } }, two: { env: { GENERATION: 'two' } } },
      })),
      PLURA_PREFLIGHT_INTERVAL_MS: '10000',
      PLURA_DRILL_ROUNDS: String(ROUNDS),
    }),
  });
});
afterAll(async () => {
  await e2e.stop();
});

async function ask(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await e2e.plura('dave', 'reg', 'drill', ...args, '--json');
  if (code !== 0) throw new Error(`drill ${args.join(' ')}: exit ${code}: ${stderr}`);
  return JSON.parse(stdout) as unknown;
}

async function release(source: string, version: string): Promise<Digest> {
  const status = await e2e.waitForEnd(await e2e.promote('drill', source, version));
  if (status.outcome !== 'released') throw new Error(status.reason);
  return status.digest as Digest;
}

/** Runs a drill to its end. */
async function drill(): Promise<DrillReportView> {
  const before = DrillList.parse(await ask('list')).reports.length;
  const run = await e2e.plura('carol', 'reg', 'drill', 'run');
  if (run.code !== 0) throw new Error(run.stderr);
  const id = await poll('the report', async () => {
    const { reports } = DrillList.parse(await ask('list'));
    return reports.length > before ? reports[0]?.id : undefined;
  });
  return DrillReportView.parse(await ask('show', id));
}

/** The older digest: while the drill was there, the newer one was the target. */
async function targetIs(outcome: Target['outcome']): Promise<Target> {
  return poll(`a target that is ${outcome}`, async () => {
    const { targets } = RollbackTargetList.parse(await ask('targets'));
    return targets.find(
      ({ svc, ...one }) => svc === 'drill' && one.outcome === outcome && one.digest === older,
    );
  });
}

/** As the system robot: nobody else may delete at all. */
async function remove(address: string, digest: string): Promise<Response> {
  const { username, password } = e2e.robot('system');
  const login = Buffer.from(`${username}:${password}`).toString('base64');
  return fetch(`${address}/v2/${REPOSITORY}/manifests/${digest}`, {
    method: 'DELETE',
    headers: { authorization: `Basic ${login}` },
  });
}

it('proves nothing of a service that was released once, and says why', async () => {
  older = await release('one', '1.0.0');

  const report = await drill();

  expect(report).toMatchObject({ svc: 'drill', outcome: 'skipped', n: 0 });
  expect(report.reasons.join()).toContain('A drill needs two');
});

it('goes back and forward within the 5 minutes, to complete digests, and leaves all as it was', async () => {
  newer = await release('two', '1.1.0');

  const report = await drill();

  expect(report).toMatchObject({ outcome: 'passed', reasons: [], n: 2 * ROUNDS, complete: true });
  expect(report.p95Ms).toBeGreaterThan(0);
  expect(report.p95Ms).toBeLessThanOrEqual(300_000);
  expect(new Set(report.steps.map(({ to }) => to))).toEqual(new Set([older, newer]));
  const service = await e2e.service('drill');
  expect(service).toMatchObject({ stable: newer, badDigests: [], lane: { hold: null } });
  const tag = await e2e.registryAs('runtime').resolve('channels/prod/drill', 'stable');
  expect(tag?.digest).toBe(newer);
});

it('keeps what a rollback would go to from being deleted', async () => {
  const target = await targetIs('complete');

  const refused = await remove(e2e.addresses.registry, older);

  expect(target).toMatchObject({ digest: older, faults: [] });
  expect(Date.parse(target.leaseUntil ?? '')).toBeGreaterThan(Date.now());
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    errors: [{ code: 'DENIED', detail: { rule: 'leased', svc: 'drill' } }],
  });
});

it('notices a signature that was deleted behind the gateway, alarms, and a drill fails', async () => {
  const referrers = await e2e.registryAs('demo').listReferrers({
    repository: REPOSITORY,
    digest: older,
  });
  const signature = referrers.find(
    ({ annotations }) => annotations?.['dev.sigstore.bundle.predicateType'] === SIGNATURE,
  );
  const gone = await remove(e2e.addresses.registryBackend, signature?.digest ?? 'none');

  const target = await targetIs('incomplete');
  const report = await drill();

  expect(gone.status).toBe(202);
  expect(target.faults.map(({ part }) => part)).toEqual(['signature']);
  expect(report).toMatchObject({ outcome: 'failed', n: 0, complete: false });
  await expect(e2e.channels('drill')).resolves.toMatchObject({ 'prod:stable': newer });
  expect((await e2e.service('drill')).lane?.hold).toBeNull();
  const log = await readFile(path.join(e2e.stateDir, 'logs', 'worker-control.log'), 'utf8');
  expect(log).toContain('drill: the way back is not complete');
  expect(log).toContain('drill: rollback drill failed');
});
