import type { ReleaseOutcome } from '../../../src/domain/release';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, releaseStatus } from '../../support/api-fixtures';
import { runPlura } from '../../support/cli-run';
import { startedBy } from '../../support/fakes/orchestrator';

const BUILD = ['reg', 'promote', 'checkout', '--source', 'checkout', '--version', '1.4.0'];

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

function endsAs(outcome: ReleaseOutcome): (count: number) => Promise<void> {
  return async (count) => {
    const at = '2026-03-01T12:00:25.000Z';
    const step = { stage: 'canary', title: 'canary 5 %', startedAt: at } as const;
    const running = releaseStatus({ steps: [{ ...step, state: 'running' }] });
    const ended = releaseStatus({
      stage: 'done',
      outcome,
      reason: 'because',
      endedAt: '2026-03-01T12:00:30.000Z',
      steps: [{ ...step, state: 'done', endedAt: '2026-03-01T12:00:29.000Z' }],
    });
    await api.ledger.saveStatus(count < 2 ? running : ended, 'run', count);
  };
}

describe('plura reg promote', () => {
  it('starts a build at the commit of the folder', async () => {
    const { exit, stdout, stderr } = await runPlura(api, BUILD);

    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toContain('checkout/1.4.0+abc1234 is under way');
    expect(stdout).toContain('plura reg watch checkout/1.4.0+abc1234');
    expect(startedBy(api.orchestrator)).toEqual(['submitRelease']);
  });

  it('prints the answer of the API with --json', async () => {
    const { stdout } = await runPlura(api, [...BUILD, '--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      releaseId: 'checkout/1.4.0_abc1234',
      existing: false,
      place: 1,
    });
  });

  it.each<[ReleaseOutcome, number]>([
    ['released', 0],
    ['rejected', 8],
    ['aborted', 9],
    ['superseded', 10],
    ['preempted', 11],
    ['failed', 1],
  ])('waits for a release that ends as %s and exits with %d', async (outcome, code) => {
    const { exit, stdout } = await runPlura(api, [...BUILD, '--wait'], {
      onSleep: endsAs(outcome),
    });

    expect(exit).toBe(code);
    expect(stdout.split('\n')).toEqual([
      'checkout/1.4.0+abc1234 apps/checkout/checkout',
      '… canary 5 %',
      '✓ canary 5 %                                4.0 s',
      `${outcome} after 30.0 s: because`,
      '',
    ]);
  });

  it('keeps stdout for the result when it waits with --json', async () => {
    const { stdout, stderr } = await runPlura(api, [...BUILD, '--wait', '--json'], {
      onSleep: endsAs('released'),
    });

    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'released', stage: 'done' });
    expect(stderr).toContain('canary 5 %');
  });

  it('does not take the end of an earlier run for the end of this one', async () => {
    const earlier = { outcome: 'failed', endedAt: '2026-03-01T11:00:00.000Z' } as const;
    await api.ledger.saveStatus(releaseStatus(earlier), 'earlier run', 1);

    const { exit } = await runPlura(api, [...BUILD, '--wait'], { onSleep: endsAs('released') });

    expect(exit).toBe(0);
  });

  it('goes on waiting while the API is down for a moment', async () => {
    const { exit, stdout } = await runPlura(api, [...BUILD, '--wait'], {
      onSleep: async (count) => {
        if (count === 1) api.ledger.fail('LEDGER_UNAVAILABLE', 1, 'getStatus');
        await endsAs('released')(count);
      },
    });

    expect(exit).toBe(0);
    expect(stdout).toContain('the release goes on, asking again');
  });

  it('shows the plan and starts nothing', async () => {
    const { exit, stdout } = await runPlura(api, [...BUILD, '--plan']);

    expect(exit).toBe(0);
    expect(stdout).toContain('canary 25 %');
    expect(stdout).toContain('eta         18 min at least');
    expect(stdout).toContain('approvals   1 missing, role approver, not rita');
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('exits with 3 for a plan that would be refused', async () => {
    const digest = api.registry.pushImage({
      repository: 'apps/checkout/checkout',
      labels: {
        'org.opencontainers.image.version': '1.4.0',
        'org.opencontainers.image.revision': 'abc1234',
      },
    });

    const { exit, stdout } = await runPlura(api, [
      ...['reg', 'promote', 'checkout', '--digest', digest, '--plan'],
    ]);

    expect(exit).toBe(3);
    expect(stdout).toContain('LABEL_MISSING');
  });

  it('says what failed, why, and what to do, on stderr', async () => {
    const digest = fakeDigest('gone');

    const run = await runPlura(api, ['reg', 'promote', 'checkout', '--digest', digest]);

    expect(run).toMatchObject({ exit: 4, stdout: '' });
    const lines = run.stderr.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      '✗ No such digest in the registry (DIGEST_NOT_FOUND)',
      `  apps/checkout/checkout has no ${digest}`,
      '  input: digest',
      '  do: push it to apps/checkout/checkout first',
    ]);
  });

  it('prints the same facts as JSON with --json', async () => {
    const { exit, stderr } = await runPlura(api, [
      'reg',
      'promote',
      'checkout',
      '--digest',
      'x',
      '--json',
    ]);

    expect(exit).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'INVALID_INPUT', field: 'digest', exit: 2 });
  });

  it.each([
    ['a build without a version', ['reg', 'promote', 'checkout', '--source', 'x'], 2, '--version'],
    ['an unknown option', ['reg', 'promote', 'checkout', '--bogus'], 2, '--bogus'],
    ['an unknown command', ['reg', 'promot'], 2, 'promote'],
    ['no service', ['reg', 'promote'], 2, 'service'],
    ['an unknown service', ['reg', 'promote', 'nope', '--digest', 'x'], 4, 'UNKNOWN_SERVICE'],
  ])('refuses %s', async (_name, args, code, hint) => {
    const { exit, stderr } = await runPlura(api, args);

    expect(exit).toBe(code);
    expect(stderr).toContain(hint);
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('asks for a revision where the folder is in no git repository', async () => {
    const { exit, stderr } = await runPlura(api, BUILD, {
      over: { readRevision: () => Promise.resolve(null) },
    });

    expect(exit).toBe(2);
    expect(stderr).toContain('--revision');
  });

  it('exits with 6 for someone who may not', async () => {
    const { exit, stderr } = await runPlura(api, BUILD, { as: 'dave', roles: ['viewer'] });

    expect(exit).toBe(6);
    expect(stderr).toContain('FORBIDDEN');
  });

  it('exits with 7 when the API gives no answer', async () => {
    const { exit, stderr } = await runPlura(api, BUILD, {
      over: { fetch: () => Promise.reject(new TypeError('fetch failed')) },
    });

    expect(exit).toBe(7);
    expect(stderr).toContain('No answer from http://api.test');
    expect(stderr).toContain('npm start');
  });
});
