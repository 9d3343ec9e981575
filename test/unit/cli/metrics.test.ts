import { createTestApi, type TestApi } from '../../support/api-app';
import { POLICY } from '../../support/api-fixtures';
import { layer, pushed } from '../../support/contracts/inventory-builders';
import { digestOf } from '../../support/contracts/ledger-builders';
import { runPlura } from '../../support/cli-run';

const REPOSITORY = 'apps/checkout/checkout';

let api: TestApi;

beforeEach(async () => {
  const accounting = {
    monthlyGoal: -0.2,
    prices: { currency: 'EUR', perGbMonth: { registry: 0.02 } },
    keep: { eventsMs: 1, tagMovesMs: 1, samplesMs: 1 },
  };
  api = await createTestApi({ policy: { ...POLICY, accounting } });
});

afterEach(async () => {
  await api.app.close();
});

async function pushAndCount(day: string, name: string, bytes: number): Promise<void> {
  await pushed(api.inventory, {
    ...{ repository: REPOSITORY, digest: digestOf(name), size: 100, tag: name, writeOnce: false },
    edges: [layer(`layer of ${name}`, bytes)],
  });
  const places = [{ repository: REPOSITORY, service: 'checkout', team: 'pay' }];
  await api.storageSamples.take({ day, at: `${day}T06:00:00.000Z`, places });
}

describe('plura reg metrics', () => {
  it('shows the metrics of the standard, their targets, and what is stored', async () => {
    await pushAndCount('2026-01-30', 'one', 50e9);
    await pushAndCount('2026-03-01', 'two', 25e9);

    const { exit, stdout } = await runPlura(api, ['reg', 'metrics']);

    expect(exit).toBe(0);
    expect(stdout).toMatch(/image_count_by_env\s+dev 0, stg 0, prod 0, - 0/);
    expect(stdout).toMatch(/sbom_coverage\s+none yet\s+≥ 100 %/);
    expect(stdout).toMatch(/promotion_latency_p95\s+none yet\s+≤ 30 min/);
    expect(stdout).toMatch(/registry_storage_bytes\s+75.0 GB/);
    expect(stdout).toContain('growth    day -, week -, month +25.0 GB (+50.0 %)');
    expect(stdout).toContain(
      'goal      missed: 75.000 GB on 2026-03-01, 50.000 GB on 2026-01-30: ' +
        '(75.000 - 50.000) / 50.000 = 50.0 %, wanted -20.0 % or less.',
    );
    expect(stdout).toContain('cost      1.50 EUR a month, at 0.02 for a GB (10^9 bytes)');
    expect(stdout).toMatch(/SERVICE\s+LOGICAL/);
    expect(stdout).toMatch(/checkout\s+75.0 GB\s+75.0 GB\s+0 B\s+-\s+2\s+2\s+1.50 EUR/);
  });

  it('shows one repository', async () => {
    await pushAndCount('2026-03-01', 'one', 900);

    const { stdout } = await runPlura(api, ['reg', 'metrics', '--repo', REPOSITORY]);

    expect(stdout).toContain(REPOSITORY);
    expect(stdout).toMatch(/registry_storage_bytes\s+1.00 kB/);
    expect(stdout).not.toContain('goal');
  });

  it('tells what is met from what is not', async () => {
    await api.pin('checkout', { env: 'prod', tag: 'stable' }, digestOf('one'));

    const { stdout } = await runPlura(api, ['reg', 'metrics']);

    expect(stdout).toMatch(/signed_artifacts\s+0 % \(of 1\)\s+≥ 100 %\s+no/);
    expect(stdout).toContain('What is stored was not counted yet');
  });

  it('prints the whole answer as JSON', async () => {
    await pushAndCount('2026-03-01', 'one', 900);

    const { stdout } = await runPlura(api, ['reg', 'metrics', '--by', 'team', '--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      storage: { by: 'team', groups: [{ name: 'pay' }] },
    });
  });

  it('refuses a breakdown that there is not', async () => {
    expect(await runPlura(api, ['reg', 'metrics', '--by', 'colour'])).toMatchObject({ exit: 2 });
  });
});
