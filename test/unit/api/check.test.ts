import type { CheckReport } from '../../../src/contract/continuous-check';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest } from '../../support/api-fixtures';
import { findingOf } from '../../support/check-findings';
import { runPlura, type CliRun } from '../../support/cli-run';
import { checkOf, GUARD, rollbackOf } from '../../support/contracts/checks';
import { containing } from '../../support/matchers';

const REPORT: CheckReport = {
  startedAt: '2026-03-01T12:00:00.000Z',
  endedAt: '2026-03-01T12:00:40.000Z',
  outcome: 'failing',
  counts: {
    ...{ services: 12, digests: 30, failing: 1, unchecked: 0 },
    ...{ blocked: 1, rolledBack: 1, alarmed: 1, errors: 1 },
  },
  at: 'checkout',
  found: ['checkout: Rolled back'],
  errors: ['cart: Temporal gave no answer'],
};
const SCHEDULE = { paused: false, note: null, nextAt: '2026-03-01T12:15:00.000Z' };
const RUN = 'continuous-check-2026-03-01T12:00:00Z';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const plura = (
  args: readonly string[],
  roles: 'operator' | 'security' | 'viewer' = 'viewer',
): Promise<CliRun> => runPlura(api, ['reg', 'check', ...args], { as: 'carol', roles: [roles] });

describe('plura reg check --now', () => {
  it.each(['operator', 'security'] as const)('starts a run for %s', async (roles) => {
    expect(await plura(['--now'], roles)).toMatchObject({ exit: 0, stdout: containing('Started') });
    expect(api.ledger.audit).toMatchObject([{ action: 'registry.check', actor: 'carol' }]);
  });

  it('names the run that is under way, and starts no other', async () => {
    api.orchestrator.checked.overview = {
      schedule: SCHEDULE,
      running: { workflowId: RUN, report: null },
      last: null,
    };

    expect(await plura(['--now'], 'operator')).toMatchObject({ exit: 0, stdout: containing(RUN) });
    expect(api.ledger.audit).toEqual([]);
  });

  it('is not for everybody', async () => {
    expect(await plura(['--now'])).toMatchObject({ exit: 6 });
  });
});

describe('plura reg check', () => {
  beforeEach(async () => {
    api.orchestrator.checked.overview = {
      schedule: SCHEDULE,
      running: null,
      last: { workflowId: RUN, report: REPORT },
    };
    const { checks } = api;
    const ok = { outcome: 'ok', findings: [], note: '' } as const;
    await checks.record(checkOf({ ...ok, svc: 'cart' }));
    await checks.record(checkOf({ ...ok, svc: 'checkout' }));
    const digest = fakeDigest('bad');
    const findings = [findingOf({ digest })];
    const outcome = { outcome: 'rolled-back', note: 'Rolled back: it has no signature.' } as const;
    await checks.record(checkOf({ ...outcome, svc: 'checkout', runId: 'run-2', findings }));
    await checks.beginRollback(rollbackOf({ svc: 'checkout', from: digest }), GUARD);
    await checks.endRollback('check/shop/1', 'done', '');
  });

  it('shows the last run, and the newest answer for each service', async () => {
    const { exit, stdout } = await plura([]);

    expect(exit).toBe(0);
    expect(stdout).toContain('next at 2026-03-01T12:15:00.000Z');
    expect(stdout).toContain('services 12, digests 30, failing 1');
    expect(stdout).toContain('cart: Temporal gave no answer');
    expect(stdout).toMatch(/^cart {2}ok/m);
    expect(stdout).toMatch(/^checkout {2}rolled-back/m);
    expect(stdout).not.toMatch(/^checkout {2}ok/m);
  });

  it('shows all answers for one service, with what was rolled back', async () => {
    const { stdout } = await plura(['checkout']);
    const short = fakeDigest('bad').slice(7, 19);

    expect(stdout).toMatch(/^checkout {2}rolled-back[^]*^checkout {2}ok/m);
    expect(stdout).toContain(`prod:stable, prod stable ${short}: signature failed`);
    expect(stdout).toMatch(new RegExp(`^rollback {2}.*${short} → .* done$`, 'm'));
    expect(stdout).not.toMatch(/^cart/m);
  });

  it('prints the same as JSON', async () => {
    const { stdout } = await plura(['checkout', '--limit', '1', '--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      checks: [{ svc: 'checkout', outcome: 'rolled-back', runs: 1 }],
      rollbacks: [{ end: 'done' }],
      last: { report: { outcome: 'failing' } },
    });
  });

  it('knows the services of the catalogue only', async () => {
    expect(await plura(['nosuch'])).toMatchObject({ exit: 4 });
  });
});
