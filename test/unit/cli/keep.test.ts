import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';

const DIGEST = fakeDigest('checkout');
const REPO = 'apps/checkout/checkout';
const REASON = ['--reason', 'incident 4711'] as const;

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const plura = (...args: readonly string[]): Promise<CliRun> =>
  runPlura(api, ['reg', 'keep', ...args], { as: 'olga', roles: ['viewer', 'operator'] });

async function holdId(): Promise<string> {
  const { stdout } = await plura(`checkout@${DIGEST}`, ...REASON, '--json');
  return (JSON.parse(stdout) as { readonly id: string }).id;
}

it.each([
  ['a service', `checkout@${DIGEST}`, REPO],
  ['a repository', `${REPO}@${DIGEST}`, REPO],
  ['a digest alone', DIGEST, null],
])('keeps a digest that is named by %s', async (_what, image, repository) => {
  const { exit, stdout } = await plura(image, ...REASON);

  expect(exit).toBe(0);
  expect(stdout).toContain(`${DIGEST} is kept until it is released (olga): incident 4711`);
  expect(await api.allowList.listHolds({ limit: 10 })).toMatchObject([
    { digest: DIGEST, repository, reason: 'incident 4711', by: 'olga', at: NOW, until: null },
  ]);
  expect(api.ledger.audit).toMatchObject([{ action: 'hold.add', actor: 'olga', subject: DIGEST }]);
});

it.each([
  ['a day', '2026-04-01', '2026-04-01T23:59:59.000Z'],
  ['a time', '2026-04-01T08:00:00+02:00', '2026-04-01T06:00:00.000Z'],
])('keeps it until %s', async (_what, until, ends) => {
  expect((await plura(DIGEST, ...REASON, '--until', until)).exit).toBe(0);
  expect(await api.allowList.listHolds({ limit: 10 })).toMatchObject([{ until: ends }]);
});

it('lists holds, and ends the one that is named', async () => {
  const id = await holdId();
  await plura(DIGEST, '--reason', 'auditors');

  const both = await plura('list');
  const released = await plura('release', id, '--reason', 'closed', '--yes');
  const rest = await plura('list');

  expect(both.stdout).toContain('incident 4711');
  expect(released).toMatchObject({ exit: 0 });
  expect(rest.stdout).not.toContain(id);
  expect(rest.stdout).toContain('auditors');
  expect((await plura('list', '--all')).stdout).toContain(id);
  expect(api.ledger.audit[0]).toMatchObject({ action: 'hold.release', subject: DIGEST });
});

it.each([
  ['a tag', ['checkout:1.4.0_abc1234', ...REASON], 2],
  ['an end that has passed', [DIGEST, ...REASON, '--until', '2026-01-01'], 2],
  ['an end that is none', [DIGEST, ...REASON, '--until', 'soon'], 2],
  ['no reason', [DIGEST], 2],
  ['a hold that is none', ['release', 'nobody', '--reason', 'x', '--yes'], 4],
])('exits with what it is, %s', async (_what, args, exit) => {
  expect((await plura(...args)).exit).toBe(exit);
});

it('is for operators and security', async () => {
  const run = await runPlura(api, ['reg', 'keep', DIGEST, ...REASON], {
    as: 'vera',
    roles: ['viewer', 'releaser'],
  });

  expect(run.exit).toBe(6);
  expect(await api.allowList.listHolds({ limit: 10 })).toEqual([]);
});
