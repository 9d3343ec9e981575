import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { runPlura, type CliRun } from '../../support/cli-run';

const WHAT = [
  ...['CVE-2026-0001', '--package', 'pkg:npm/qs', '--svc', 'checkout'],
  ...['--owner', 'erin', '--reason', 'not reachable', '--expires', '2026-04-01'],
];

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

function plura(
  args: readonly string[],
  as = 'rita',
  roles: readonly Role[] = ['releaser'],
): Promise<CliRun> {
  return runPlura(api, ['reg', 'exception', ...args], { as, roles });
}

const security = (...args: readonly string[]): Promise<CliRun> => plura(args, 'sam', ['security']);

async function requestId(...more: readonly string[]): Promise<string> {
  const { stdout } = await plura(['request', ...WHAT, ...more, '--json']);
  return (JSON.parse(stdout) as { readonly id: string }).id;
}

it('asks for an exception, and says that it covers nothing yet', async () => {
  const { exit, stdout } = await plura(['request', ...WHAT]);

  expect(exit).toBe(0);
  expect(stdout).toMatch(/^[0-9a-f]{16} {2}waits for an approval: covers nothing\n/);
  expect(stdout).toContain('  for       CVE-2026-0001 in pkg:npm/qs\n');
  expect(stdout).toContain('  until     2026-04-01T00:00:00.000Z\n');
});

it('approves it, and counts down', async () => {
  const id = await requestId('--package-version', '6.5.2');

  const { exit, stdout } = await security('approve', id, '--reason', 'looked at it');

  expect(exit).toBe(0);
  expect(stdout).toContain(`${id}  in force, ends in 30d 12h\n`);
  expect(stdout).toContain('  for       CVE-2026-0001 in pkg:npm/qs@6.5.2\n');
  expect(stdout).toContain('  approved  sam, 2026-03-01T12:00:00.000Z\n');
});

it.each([
  ['an approval of who asked', ['approve', 'ID', '--reason', 'mine'], 'rita', 6],
  ['an approval of what is not there', ['approve', 'none', '--reason', 'x'], 'sam', 4],
  ['a second approval', ['approve', 'ID', '--reason', 'again'], 'tina', 5],
] as const)('ends %s with its exit code', async (_, args, as, code) => {
  const id = await requestId();
  if (code === 5) await security('approve', id, '--reason', 'first');

  const { exit, stderr } = await plura(
    args.map((one) => (one === 'ID' ? id : one)),
    as,
    ['security'],
  );

  expect(exit).toBe(code);
  expect(stderr).not.toBe('');
});

it('lists what is left of each, and shows one', async () => {
  const id = await requestId();
  await security('approve', id, '--reason', 'looked at it');

  const list = await security('list', '--svc', 'checkout');
  const shown = await security('show', id);

  expect(list.stdout.split('\n')[0]).toMatch(/^ID +STATE +FOR +IN +WHERE +LEFT +UNTIL +OWNER +WHY/);
  expect(list.stdout).toMatch(
    new RegExp(`${id} +approved +CVE-2026-0001 +pkg:npm/qs +checkout +30d 12h`),
  );
  expect(shown.stdout).toContain('  covers    no digest that passed a scan\n');
});

it('revokes with consent', async () => {
  const id = await requestId();
  await security('approve', id, '--reason', 'looked at it');

  const asked = await runPlura(api, ['reg', 'exception', 'revoke', id, '--reason', 'why not'], {
    as: 'sam',
    roles: ['security'],
    over: { confirm: () => Promise.resolve(false) },
  });
  const { exit, stdout } = await security('revoke', id, '--reason', 'an exploit is out', '--yes');

  expect(asked.exit).toBe(2);
  expect(exit).toBe(0);
  expect(stdout).toBe(`exception ${id} covers nothing any more\n`);
  const list = await security('list', '--all', '--json');
  expect(JSON.parse(list.stdout)).toMatchObject({ exceptions: [{ id, state: 'revoked' }] });
});

it('breaks the glass for those of the role alone', async () => {
  const glass = ['request', ...WHAT.slice(0, -1), '4h', '--break-glass'];

  const refused = await plura(glass, 'sam', ['security', 'admin']);
  const asked = await plura(glass, 'rita', ['break-glass']);

  expect(refused.exit).toBe(6);
  expect(refused.stderr).toContain('break-glass');
  expect(asked.stdout).toContain('  kind      break-glass\n');
});
