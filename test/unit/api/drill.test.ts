import { createTestApi, type TestApi } from '../../support/api-app';
import { runPlura, type CliRun } from '../../support/cli-run';
import { preflightOf, reportOf } from '../../support/contracts/drills';
import { A, B, T0 } from '../../support/contracts/ledger-builders';
import { containing } from '../../support/matchers';

const SCHEDULE = { paused: false, note: null, nextAt: '2026-03-08T12:00:00.000Z' };
const FAILED = reportOf({
  ...{ id: 'checkout-20260301T120000Z', svc: 'checkout', outcome: 'failed' },
  ...{ n: 1, p50Ms: 850, p95Ms: 850, maxMs: 850, complete: false },
  reasons: ['Rollback 2 to bbbbbbbbbbbb failed: it did not become ready'],
  steps: [
    {
      ...{ number: 1, direction: 'back', from: B, to: A, requestedAt: T0 },
      faults: [{ part: 'sbom', message: 'It has no validly signed SBOM.' }],
      ...{ durationMs: 850, error: null },
    },
    {
      ...{ number: 2, direction: 'forward', from: A, to: B, requestedAt: T0 },
      ...{ faults: [], durationMs: null, error: 'it did not become ready' },
    },
  ],
});

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const plura = (args: readonly string[], role: 'operator' | 'viewer' = 'viewer'): Promise<CliRun> =>
  runPlura(api, ['reg', 'drill', ...args], { as: 'carol', roles: [role] });

describe('plura reg drill run', () => {
  it('starts a drill and leaves it in the audit trail', async () => {
    expect(await plura(['run'], 'operator')).toMatchObject({
      exit: 0,
      stdout: containing('Started'),
    });
    expect(api.ledger.audit).toMatchObject([{ action: 'drill.run', actor: 'carol' }]);
  });

  it('names the drill that is under way, and starts no other', async () => {
    api.orchestrator.drilled.state = {
      schedule: SCHEDULE,
      running: 'rollback-drill-1',
      last: null,
    };

    expect(await plura(['run'], 'operator')).toMatchObject({
      exit: 0,
      stdout: containing('rollback-drill-1'),
    });
    expect(api.ledger.audit).toEqual([]);
  });

  it('is for operators', async () => {
    expect(await plura(['run'])).toMatchObject({ exit: 6 });
  });
});

describe('plura reg drill list', () => {
  it('shows outcome and times, newest first, and when the next one begins', async () => {
    api.orchestrator.drilled.state = { schedule: SCHEDULE, running: null, last: null };
    await api.drills.saveReport(reportOf({ id: 'none-1', svc: null }));
    await api.drills.saveReport(FAILED);

    const { exit, stdout } = await plura(['list']);

    expect(exit).toBe(0);
    expect(stdout).toContain('next at 2026-03-08T12:00:00.000Z');
    expect(stdout).toMatch(/checkout-20260301T120000Z +failed +1 +850 ms[^]*none-1 +skipped +0 +-/);
  });

  it.each([
    [{ schedule: null, running: null, last: null }, 'no Schedule yet'],
    [{ schedule: { ...SCHEDULE, paused: true }, running: null, last: null }, 'paused'],
    [{ schedule: SCHEDULE, running: 'rollback-drill-1', last: null }, 'under way'],
  ])('says how it stands', async (state, text) => {
    api.orchestrator.drilled.state = state;

    expect((await plura(['list'])).stdout).toContain(text);
  });

  it('shows those of one service as JSON', async () => {
    await api.drills.saveReport(reportOf({ id: 'cart-1', svc: 'cart' }));
    await api.drills.saveReport(FAILED);

    const { stdout } = await plura(['list', '--svc', 'cart', '--json']);

    expect(JSON.parse(stdout)).toMatchObject({ reports: [{ id: 'cart-1' }] });
  });
});

describe('plura reg drill show', () => {
  it('shows every step, what its target lacked and why it failed', async () => {
    await api.drills.saveReport(FAILED);

    const { exit, stdout } = await plura(['show', FAILED.id]);

    expect(exit).toBe(0);
    expect(stdout).toContain('1 rollbacks  p50 850 ms  p95 850 ms');
    expect(stdout).toContain('allowed 5 min');
    expect(stdout).toContain('It has no validly signed SBOM.');
    expect(stdout).toContain(FAILED.reasons[0]);
  });

  it('gives all of it as JSON', async () => {
    await api.drills.saveReport(FAILED);

    const { stdout } = await plura(['show', FAILED.id, '--json']);

    expect(JSON.parse(stdout)).toEqual(FAILED);
  });

  it('knows no other', async () => {
    expect(await plura(['show', 'none-9'])).toMatchObject({
      exit: 4,
      stderr: containing('none-9'),
    });
  });
});

describe('plura reg drill targets', () => {
  it('shows what each service would go back to, and what that lacks', async () => {
    await api.drills.savePreflight(preflightOf());
    await api.drills.savePreflight(
      preflightOf({
        svc: 'cart',
        digest: null,
        outcome: 'no-target',
        faults: [],
        leaseUntil: null,
      }),
    );

    const { exit, stdout } = await plura(['targets']);

    expect(exit).toBe(0);
    expect(stdout).toMatch(/cart +- +no-target[^]*shop +\w{12} +incomplete/);
    expect(stdout).toContain('It has no validly signed SBOM.');
  });
});
