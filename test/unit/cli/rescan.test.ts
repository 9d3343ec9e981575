import type { RescanReport } from '../../../src/contract/messages';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW, releaseStatus } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';
import { containing } from '../../support/matchers';

const DIGEST = fakeDigest('checkout');
const RELEASE = 'checkout/1.4.0_abc1234';
const SCHEDULE = { paused: false, note: null, nextAt: '2026-03-01T18:00:00.000Z' };
const REPORT: RescanReport = {
  startedAt: '2026-03-01T11:00:00.000Z',
  endedAt: '2026-03-01T11:04:00.000Z',
  outcome: 'bad',
  databaseAt: '2026-03-01T06:00:00.000Z',
  counts: { looked: 40, scanned: 12, bad: 1, alarmed: 1, errors: 1 },
  found: [`checkout ${DIGEST}: CVE-2026-1 qs@6.5.2`],
  errors: ['cart sha256:…: the SBOM is missing'],
};

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const plura = (...args: readonly string[]): Promise<CliRun> =>
  runPlura(api, ['reg', 'rescan', ...args], { as: 'erin', roles: ['viewer', 'security'] });

async function keep(): Promise<void> {
  const status = releaseStatus({ releaseId: RELEASE, digest: DIGEST, outcome: 'released' });
  await api.ledger.saveStatus(status, 'run', 1);
  await api.pin('checkout', { env: 'prod', tag: 'stable' }, DIGEST);
  const evidence = { database: { digest: 'sha256:d' }, refused: ['CVE-2026-1 qs@6.5.2'] };
  const verdict = { gate: 'scan', subject: DIGEST, outcome: 'fail', reasons: [] } as const;
  await api.ledger.recordRescan(RELEASE, 'rescan', 'h', { ...verdict, evidence }, NOW);
}

describe('without --now', () => {
  it('shows when it runs next and what the last run found', async () => {
    api.orchestrator.rescanned.overview = {
      schedule: SCHEDULE,
      running: { workflowId: 'rescan-2', report: null },
      last: { workflowId: 'rescan-1', report: REPORT },
    };

    const { exit, stdout } = await plura();

    expect(exit).toBe(0);
    expect(stdout).toContain('next at 2026-03-01T18:00:00.000Z');
    expect(stdout).toContain('looked 40, scanned 12, bad 1');
    expect(stdout).toContain('advisories of 2026-03-01T06:00:00.000Z');
    for (const line of [...REPORT.found, ...REPORT.errors]) expect(stdout).toContain(line);
  });

  it('shows of a service or an image what is kept, with its verdict', async () => {
    await keep();

    const service = await plura('checkout');
    const image = await plura(`checkout@${DIGEST}`, '--json');

    expect(service.stdout).toMatch(/prod:stable +fail +2026-03-01T12:00:00.000Z +CVE-2026-1/);
    expect(JSON.parse(image.stdout)).toMatchObject({
      images: [{ digest: DIGEST, kept: ['prod:stable'], scan: { outcome: 'fail' } }],
    });
    expect((await plura('cart')).stdout).toContain('nothing of it is kept');
  });

  it('shows the verdict of the rescan in place of the release', async () => {
    await keep();
    const scan = { gate: 'scan', subject: DIGEST, outcome: 'pass', reasons: [] } as const;
    await api.ledger.recordVerdict(RELEASE, 'run', 'h', { ...scan, evidence: {} }, NOW);
    const bad = { ...scan, outcome: 'fail', reasons: ['CVE-2026-1 (HIGH) in qs 6.5.2'] } as const;
    await api.ledger.recordRescan(RELEASE, 'later', 'h', { ...bad, evidence: {} }, NOW);

    const { stdout } = await runPlura(api, ['reg', 'verdict', 'show', RELEASE], {
      as: 'erin',
      roles: ['viewer'],
    });

    expect(stdout).toContain('CVE-2026-1');
  });
});

describe('with --now', () => {
  it('starts a run of what is due', async () => {
    expect(await plura('--now')).toMatchObject({
      exit: 0,
      stdout: containing('Started'),
    });
    expect(api.ledger.audit).toMatchObject([{ action: 'registry.rescan', actor: 'erin' }]);
  });

  it('scans a service or an image, due or not', async () => {
    await keep();

    await plura('checkout', '--now');
    await plura(`checkout@${DIGEST}`, '--now');

    expect(api.orchestrator.rescanned.asked).toEqual([
      { svc: 'checkout', digest: null },
      { svc: 'checkout', digest: DIGEST },
    ]);
  });

  it.each([
    ['a service that is none', 'nobody', 4],
    ['what is not kept', 'checkout', 4],
    ['a tag', 'checkout:1.4.0@latest', 2],
  ])('exits with what it is, %s', async (_what, what, exit) => {
    expect((await plura(what, '--now')).exit).toBe(exit);
    expect(api.orchestrator.rescanned.asked).toEqual([]);
  });

  it('is for operators and security', async () => {
    const run = await runPlura(api, ['reg', 'rescan', '--now'], { as: 'vera', roles: ['viewer'] });

    expect(run.exit).toBe(6);
  });
});
