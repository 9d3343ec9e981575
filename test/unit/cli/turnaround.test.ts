import type { ReleaseStep } from '../../../src/domain/release';
import { createTestApi, type TestApi } from '../../support/api-app';
import { releaseStatus } from '../../support/api-fixtures';
import { runPlura } from '../../support/cli-run';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const at = (minute: number): string => `2026-03-01T11:${String(minute).padStart(2, '0')}:00.000Z`;

async function saveRelease(svc: string): Promise<void> {
  const step = (stage: ReleaseStep['stage'], from: number, to: number): ReleaseStep => {
    return { stage, title: stage, state: 'done', startedAt: at(from), endedAt: at(to) };
  };
  const status = releaseStatus({
    releaseId: `${svc}/1.0.0_abc1234`,
    svc,
    outcome: 'released',
    requestedAt: at(0),
    endedAt: at(20),
    steps: [step('build', 2, 5), step('approval', 5, 20)],
  });
  await api.ledger.saveStatus(status, `run of ${svc}`, 1);
}

describe('plura reg turnaround', () => {
  it('shows each service with its top blocker', async () => {
    await saveRelease('cart');
    await saveRelease('checkout');

    const { exit, stdout } = await runPlura(api, ['reg', 'turnaround']);

    expect(exit).toBe(0);
    expect(stdout).toMatch(/cart\s+1\s+0\s+20 min\s+20 min\s+approval \(75 %\)/);
    expect(stdout).toMatch(/checkout\s+1\s+0/);
  });

  it('shows the parts of one service', async () => {
    await saveRelease('checkout');

    const { stdout } = await runPlura(api, ['reg', 'turnaround', 'checkout']);

    expect(stdout).toContain('checkout  1 released in 30 days, 0 ended otherwise');
    expect(stdout).toMatch(/queue\s+2 min\s+2 min\s+10 %/);
    expect(stdout).toMatch(/whole\s+20 min\s+20 min/);
    expect(stdout).toContain('top blocker: approval (75 %)');
    expect(stdout).not.toContain('freeze');
  });

  it('shows what was lost to what did not answer', async () => {
    await saveRelease('checkout');
    await api.ledger.recordRetry({
      releaseId: 'checkout/1.0.0_abc1234',
      runId: 'run of checkout',
      activityId: '7',
      attempt: 2,
      from: at(3),
      to: at(5),
    });

    const { stdout } = await runPlura(api, ['reg', 'turnaround', 'checkout']);

    expect(stdout).toMatch(/build\s+1 min\s+1 min\s+5 %/);
    expect(stdout).toMatch(/retry\s+2 min\s+2 min\s+10 %/);
  });

  it('prints the whole answer as JSON', async () => {
    await saveRelease('checkout');

    const { stdout } = await runPlura(api, ['reg', 'turnaround', '--days', '7', '--json']);

    expect(JSON.parse(stdout)).toMatchObject({ days: 7, services: [{ topBlocker: 'approval' }] });
  });

  it('says that there is nothing to show', async () => {
    const { exit, stdout } = await runPlura(api, ['reg', 'turnaround', 'cart']);

    expect(exit).toBe(0);
    expect(stdout).toBe('No release has ended of those asked for in the last 30 days.\n');
  });
});
