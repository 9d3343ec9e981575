import type { ReconcileReport } from '../../../src/contract/messages';
import { createTestApi, type TestApi } from '../../support/api-app';
import { runPlura, type CliRun } from '../../support/cli-run';
import { containing } from '../../support/matchers';

const REPORT: ReconcileReport = {
  startedAt: '2026-03-01T12:00:00.000Z',
  endedAt: '2026-03-01T12:00:09.000Z',
  outcome: 'drift',
  counts: {
    repositories: 12,
    tags: 340,
    manifests: 90,
    settled: 0,
    drift: 1,
    repaired: 1,
    around: 1,
    alarmed: 0,
    withheld: 0,
    errors: 1,
  },
  at: 'apps/shop/shop',
  found: ['apps/shop/shop:1.0.0_abc1234 was pushed around the gateway. It is recorded.'],
  errors: ['apps/shop/odd: manifest is malformed'],
};
const SCHEDULE = { paused: false, note: null, nextAt: '2026-03-01T12:15:00.000Z' };

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const plura = (verb: string, roles: 'operator' | 'viewer' = 'operator'): Promise<CliRun> =>
  runPlura(api, ['reg', 'reconcile', verb], { as: 'carol', roles: [roles] });

describe('plura reg reconcile run', () => {
  it('starts a run and leaves it in the audit trail', async () => {
    expect(await plura('run')).toMatchObject({
      exit: 0,
      stdout: containing('Started'),
    });
    expect(api.ledger.audit).toMatchObject([{ action: 'registry.reconcile', actor: 'carol' }]);
  });

  it('names the run that is under way, and starts no other', async () => {
    api.orchestrator.reconciled.overview = {
      schedule: SCHEDULE,
      running: { workflowId: 'reconcile-registry-2026-03-01T12:00:00Z', report: null },
      last: null,
    };

    expect(await plura('run')).toMatchObject({
      exit: 0,
      stdout: containing('reconcile-registry-2026-03-01T12:00:00Z'),
    });
    expect(api.ledger.audit).toEqual([]);
  });

  it('is for operators', async () => {
    expect(await plura('run', 'viewer')).toMatchObject({ exit: 6 });
  });
});

describe('plura reg reconcile status', () => {
  it('shows counts, findings and errors of the last run', async () => {
    api.orchestrator.reconciled.overview = {
      schedule: SCHEDULE,
      running: null,
      last: { workflowId: 'reconcile-registry-2026-03-01T12:00:00Z', report: REPORT },
    };

    const { exit, stdout } = await plura('status', 'viewer');

    expect(exit).toBe(0);
    expect(stdout).toContain('next at 2026-03-01T12:15:00.000Z');
    expect(stdout).toContain('repositories 12, tags 340, manifests 90, drift 1');
    for (const line of [...REPORT.found, ...REPORT.errors]) expect(stdout).toContain(line);
  });

  it.each([
    ['there is no Schedule yet', { schedule: null, running: null, last: null }, 'none yet'],
    [
      'it is paused',
      { schedule: { ...SCHEDULE, paused: true, note: 'migration' }, running: null, last: null },
      'paused, migration',
    ],
    [
      'no worker answers',
      {
        schedule: SCHEDULE,
        running: { workflowId: 'reconcile-registry-1', report: null },
        last: null,
      },
      'no report',
    ],
    [
      'a run is under way',
      {
        schedule: SCHEDULE,
        running: {
          workflowId: 'reconcile-registry-1',
          report: { ...REPORT, outcome: null, endedAt: null },
        },
        last: null,
      },
      'at apps/shop/shop, 2026-03-01T12:00:00.000Z to now',
    ],
  ])('says that %s', async (_what, overview, text) => {
    api.orchestrator.reconciled.overview = overview;

    expect((await plura('status')).stdout).toContain(text);
  });
});
