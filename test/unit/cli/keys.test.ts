import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';

const KEY = 'release/eu-west-1';
const WHY = ['--reason', 'laptop stolen', '--yes'] as const;

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const plura = (...args: readonly string[]): Promise<CliRun> =>
  runPlura(api, ['reg', 'keys', ...args], { as: 'erin', roles: ['viewer', 'security'] });

async function rotated(): Promise<void> {
  await api.kms.rotate(KEY, new Date('2026-02-01T00:00:00.000Z'), 90 * 86_400_000);
}

it('lists every key that images are verified with, and which of its versions count', async () => {
  await rotated();

  const { exit, stdout } = await plura('list');

  expect(exit).toBe(0);
  expect(stdout).toMatch(/release\/eu-west-1 +2 .* signs/);
  expect(stdout).toMatch(/release\/eu-west-1 +1 .* verifies/);
  expect(stdout).toMatch(/bases +1 .* signs/);
});

it('says of keys that can not be read why', async () => {
  api.kms.fail('SIGNER_UNAVAILABLE', 10, 'keyRing');

  expect((await plura('list')).stdout).toMatch(/bases +- .*ordered to fail/);
});

it('calls a former version back, for every verifier and for the record', async () => {
  await rotated();
  const [former] = (await api.kms.keyRing(KEY)).others;

  const { exit, stdout } = await plura('revoke', KEY, '1', ...WHY);

  expect(exit).toBe(0);
  expect(stdout).toContain('nothing that it signed holds');
  expect(await api.deps.keyRevocations.list()).toEqual([
    {
      keyId: KEY,
      version: '1',
      publicKey: former?.publicKey,
      revokedAt: NOW,
      trustedBefore: null,
      reason: 'laptop stolen',
      by: 'erin',
    },
  ]);
  expect(api.ledger.audit).toMatchObject([{ action: 'key.revoke', actor: 'erin' }]);
  expect((await plura('list')).stdout).toContain('was revoked at');
});

it('keeps what is older than the moment that is named', async () => {
  await rotated();
  const moment = '2026-02-15T00:00:00.000Z';

  expect((await plura('revoke', KEY, '1', '--trusted-before', moment, ...WHY)).exit).toBe(0);
  expect(await api.deps.keyRevocations.list()).toMatchObject([{ trustedBefore: moment }]);
});

it('refuses to take a revocation back, and says what stands', async () => {
  await rotated();
  await plura('revoke', KEY, '1', ...WHY);

  const looser = await plura('revoke', KEY, '1', '--trusted-before', NOW, ...WHY);

  expect(looser.exit).toBe(2);
  expect(looser.stderr).toContain('nothing that it signed holds');
  expect(looser.stderr).toContain('never taken back');
  expect(await api.deps.keyRevocations.list()).toMatchObject([{ trustedBefore: null }]);
});

it('answers the same again with what stands, and takes a stricter one', async () => {
  await rotated();
  const moment = '2026-02-15T00:00:00.000Z';
  const kept = ['--trusted-before', moment];
  await plura('revoke', KEY, '1', ...kept, ...WHY);

  const again = await plura('revoke', KEY, '1', ...kept, '--reason', 'once more', '--yes');
  const stricter = await plura('revoke', KEY, '1', ...WHY);

  expect(again.stdout).toContain(`what a record shows before ${moment} still holds`);
  expect(stricter.stdout).toContain('nothing that it signed holds');
  expect(await api.deps.keyRevocations.list()).toMatchObject([
    { trustedBefore: moment, reason: 'laptop stolen' },
    { trustedBefore: null },
  ]);
});

it.each([
  ['the version that signs', [KEY, '2'], 'rotate the key first'],
  ['a version that is none', [KEY, '7'], 'there is no version 7'],
  ['a key that is none', ['release/nowhere', '1'], 'There is no key'],
  ['a time to come', [KEY, '1', '--trusted-before', '2999-01-01T00:00:00Z'], 'in the future'],
])('refuses %s', async (_what, args, message) => {
  await rotated();

  const { exit, stderr } = await plura('revoke', ...args, ...WHY);

  expect(exit).toBe(2);
  expect(stderr).toContain(message);
  expect(await api.deps.keyRevocations.list()).toEqual([]);
});

it('is for security alone', async () => {
  await rotated();
  const args = ['reg', 'keys', 'revoke', KEY, '1', ...WHY];

  expect((await runPlura(api, args, { as: 'olga', roles: ['operator'] })).exit).toBe(6);
});
