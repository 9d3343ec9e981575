import type { Role } from '../../../src/domain/actor';
import type { Digest } from '../../../src/domain/digest';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';
import { databaseOf, matchedBy, npm } from '../../support/component-builders';
import { record } from './inventory-fixtures';

const CVE = 'CVE-2026-1';
const [ONE, TWO, THREE] = ['one', 'two', 'three'].map(fakeDigest) as [Digest, Digest, Digest];

let api: TestApi;
let scans = 0;

async function scan(
  digest: Digest,
  refused: readonly string[],
  databaseAt = '2026-01-02T00:00:00.000Z',
): Promise<void> {
  scans += 1;
  const outcome = refused.length > 0 ? 'fail' : 'pass';
  const about = { gate: 'scan', subject: digest, outcome, reasons: [] } as const;
  const verdict = {
    ...about,
    evidence: { refused, excepted: [], database: { updatedAt: databaseAt } },
  };
  const releaseId = `checkout/1.0.0_${digest.slice(7, 14)}`;
  await api.ledger.recordVerdict(releaseId, `run ${scans}`, 'policy', verdict, NOW);
}

beforeEach(async () => {
  api = await createTestApi();
  await record(api, { digest: ONE, tag: '1.4.0_abc1234' });
  await scan(ONE, [`${CVE} qs@6.5.2`, 'CVE-2026-2 a@1']);
  await scan(TWO, [`${CVE} qs@6.5.2`]);
  await scan(THREE, []);
});

afterEach(async () => {
  await api.app.close();
});

interface Sent {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function send(
  payload: object,
  roles: readonly Role[] = ['viewer', 'security'],
): Promise<Sent> {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/v1/registry/quarantine/matching',
    headers: { authorization: `Bearer ${await api.token('erin', roles)}` },
    payload: { reason: 'remote code execution', ...payload },
  });
  return { status: answer.statusCode, body: answer.json() };
}

const underQuarantine = async (): Promise<readonly string[]> =>
  (await api.quarantine.open()).map(({ digest }) => digest).sort();

it.each([
  ['as databases write it', CVE],
  ['in small letters', CVE.toLowerCase()],
])(
  'puts all under quarantine whose newest scan lists the advisory, named %s',
  async (_how, cve) => {
    const { status, body } = await send({ cve });

    expect(status).toBe(200);
    expect(body).toMatchObject({ dryRun: false, unclear: [], next: null, alerted: true });
    expect(await underQuarantine()).toEqual([ONE, TWO].sort());
    expect(await api.quarantine.get(ONE)).toMatchObject({ cves: [CVE], actor: 'erin' });
    expect(api.orchestrator.alerts).toMatchObject([{ cves: [CVE], by: 'erin' }]);
    expect([...(api.orchestrator.alerts[0]?.digests ?? [])].sort()).toEqual([ONE, TWO].sort());
    expect(api.ledger.audit).toMatchObject([
      { action: 'digest.quarantine-matching', subject: CVE, actor: 'erin' },
    ]);
  },
);

it('says what it would be, and does nothing', async () => {
  api.quarantine.running.add(ONE);

  const { body } = await send({ cve: CVE, dryRun: true });

  expect(body['matches']).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ digest: ONE, running: true, before: false }),
    ]),
  );
  expect(await underQuarantine()).toEqual([]);
  expect(api.orchestrator.alerts).toEqual([]);
  expect(api.ledger.audit).toEqual([]);
});

it('by breach takes only what is kept, with the advisories of each', async () => {
  await send({ breach: true });

  expect(await underQuarantine()).toEqual([ONE]);
  expect(await api.quarantine.get(ONE)).toMatchObject({ cves: [CVE, 'CVE-2026-2'] });
});

it('gives grace to what runs, and an end to all', async () => {
  api.quarantine.running.add(ONE);

  await send({ cve: CVE, expiresAt: '2999-01-01T00:00:00Z' });

  expect(await api.quarantine.get(ONE)).toMatchObject({
    graceUntil: '2026-03-01T13:00:00.000Z',
    expiresAt: '2999-01-01T00:00:00.000Z',
  });
  expect(await api.quarantine.get(TWO)).toMatchObject({ graceUntil: null });
});

it('goes page by page', async () => {
  const first = await send({ cve: CVE, limit: 1 });
  const second = await send({ cve: CVE, limit: 1, after: first.body['next'] });
  const last = await send({ cve: CVE, limit: 1, after: second.body['next'] });

  expect(last.body).toMatchObject({ matches: [], next: null, alerted: false });
  expect(await underQuarantine()).toHaveLength(2);
});

describe('of a digest whose newest scan lists too much to tell', () => {
  const FULL = Array.from({ length: 100 }, (_, number) => `CVE-2025-${number} a@1`);

  /** By the component index, as the scanner's database of 2026-01-02 matches it. */
  async function index(name: string, uncovered: readonly string[] = []): Promise<void> {
    const components = [npm(name, '1.0.0')];
    await api.componentIndex.put({ digest: THREE, sbom: ONE, uncovered, at: NOW, components });
    const database = databaseOf('1');
    await api.advisoryMatches.begin(database, NOW);
    const packages = await api.advisoryMatches.packages({
      ...{ unmatched: false, after: null, limit: 9 },
    });
    const hits = name === 'qs' ? [{ advisory: CVE }] : [];
    const matched = packages.map((one) => matchedBy(one, ...hits));
    await api.advisoryMatches.settle(database, matched, NOW);
    await api.advisoryMatches.finish(database, NOW);
  }

  it('takes it when the component index says that it has the advisory', async () => {
    await scan(THREE, FULL);
    await index('qs');

    const { body } = await send({ cve: CVE });

    expect(body).toMatchObject({ unclear: [] });
    expect(await underQuarantine()).toEqual([ONE, TWO, THREE].sort());
    expect(await api.quarantine.get(THREE)).toMatchObject({ cves: [CVE] });
  });

  it('leaves it when the index knows that it has not', async () => {
    await scan(THREE, FULL);
    await index('left');

    expect((await send({ cve: CVE })).body).toMatchObject({ unclear: [] });
    expect(await underQuarantine()).toEqual([ONE, TWO].sort());
  });

  it.each<[string, () => Promise<void>]>([
    ['it is not indexed', () => scan(THREE, FULL)],
    [
      'only the scanner judges part of it',
      async () => {
        await scan(THREE, FULL);
        await index('left', ['packages of sles']);
      },
    ],
    [
      'the scan was made with a newer database',
      async () => {
        await scan(THREE, FULL, '2026-01-03T00:00:00.000Z');
        await index('left');
      },
    ],
  ])('says that it is not known when %s', async (_name, arrange) => {
    await arrange();

    expect((await send({ cve: CVE })).body).toMatchObject({ unclear: [THREE] });
    expect(await underQuarantine()).toEqual([ONE, TWO].sort());
  });
});

it('is in force though nobody could be told', async () => {
  api.orchestrator.fail('ORCHESTRATOR_UNAVAILABLE', 1, 'alertQuarantine');

  expect(await send({ cve: CVE })).toMatchObject({ status: 200, body: { alerted: false } });
  expect(await underQuarantine()).toHaveLength(2);
});

it.each<[string, object, number, Role]>([
  ['both', { cve: CVE, breach: true }, 400, 'security'],
  ['neither', {}, 400, 'security'],
  ['what is no advisory', { cve: 'all of them' }, 400, 'security'],
  ['an end that has passed', { cve: CVE, expiresAt: '2026-01-01T00:00:00Z' }, 400, 'security'],
  ['an operator', { cve: CVE }, 403, 'operator'],
])('refuses %s', async (_what, payload, status, role) => {
  expect((await send(payload, [role])).status).toBe(status);
  expect(await underQuarantine()).toEqual([]);
});

describe('plura reg quarantine add', () => {
  const plura = (...args: readonly string[]): Promise<CliRun> =>
    runPlura(api, ['reg', 'quarantine', 'add', '--reason', 'rce', ...args], {
      as: 'erin',
      roles: ['viewer', 'security'],
    });

  it('--cve --dry-run shows what it would be', async () => {
    const { exit, stdout } = await plura('--cve', CVE, '--dry-run');

    expect(exit).toBe(0);
    expect(stdout).toContain('2 digests would be put under quarantine; nothing was done');
    expect(await underQuarantine()).toEqual([]);
  });

  it('--cve and --breach put under quarantine', async () => {
    expect((await plura('--breach')).stdout).toContain('1 digests under quarantine');
    const { stdout } = await plura('--cve', CVE);

    expect(stdout).toContain('2 digests under quarantine');
    expect(stdout).toContain('already');
    expect(await underQuarantine()).toEqual([ONE, TWO].sort());
  });

  it('with a digest takes what it is about, as ever, and tells people', async () => {
    const { exit } = await plura(THREE, '--cve', CVE, '--cve', 'CVE-2026-2');

    expect(exit).toBe(0);
    expect(await api.quarantine.get(THREE)).toMatchObject({ cves: [CVE, 'CVE-2026-2'] });
    expect(api.orchestrator.alerts).toMatchObject([{ digests: [THREE] }]);
  });

  it.each([
    ['nothing', []],
    ['both', ['--cve', CVE, '--breach']],
    ['two advisories', ['--cve', CVE, '--cve', 'CVE-2026-2']],
    ['a digest with --dry-run', [THREE, '--dry-run']],
  ])('exits with 2 for %s', async (_what, args) => {
    expect((await plura(...args)).exit).toBe(2);
  });
});
