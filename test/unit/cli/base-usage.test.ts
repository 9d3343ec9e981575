import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';

const STABLE = { env: 'prod', tag: 'stable' } as const;
const NEW_BASE = fakeDigest('static');
const OLD_BASE = fakeDigest('old base');
const IMAGE = fakeDigest('image');
const BEFORE = fakeDigest('image before');

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
  const base = { baseRepository: 'bases/static' };
  await api.deps.baseCatalogue.recordUse([
    { ...base, svc: 'checkout', releaseId: 'checkout/1', digest: BEFORE, baseDigest: OLD_BASE },
    { ...base, svc: 'checkout', releaseId: 'checkout/2', digest: IMAGE, baseDigest: NEW_BASE },
    { ...base, svc: 'cart', releaseId: 'cart/1', digest: BEFORE, baseDigest: OLD_BASE },
  ]);
  await api.pin('checkout', STABLE, IMAGE);
  await api.pin('cart', STABLE, BEFORE);
});

afterEach(() => api.app.close());

function usage(...args: readonly string[]): Promise<CliRun> {
  return runPlura(api, ['reg', 'base', 'usage', ...args], { roles: ['viewer'] });
}

async function usesOf(...args: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await usage(...args, '--json');
  const { uses } = JSON.parse(stdout) as {
    uses: { svc: string; stable: boolean; standing: string }[];
  };
  return uses.map(({ svc, stable, standing }) => `${svc} ${String(stable)} ${standing}`);
}

describe('plura reg base usage', () => {
  it('shows what is stable of every service, and marks what is old', async () => {
    const { exit, stdout } = await usage();

    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /!\s+cart\s+cart\/1 \(stable\)\s+sha256:\w{12}\s+bases\/static@\S+\s+old/,
    );
    expect(stdout).toMatch(/ \s+checkout\s+checkout\/2 \(stable\) .*newest/);
  });

  it.each([
    [['--old'], ['cart true old']],
    [['checkout'], ['checkout true newest']],
    [['static'], ['checkout true newest', 'cart true old', 'checkout false old']],
    [
      ['bases/static', '--old'],
      ['cart true old', 'checkout false old'],
    ],
    [[NEW_BASE], ['checkout true newest']],
    [[fakeDigest('nothing')], []],
  ])('of %j shows %j', async (args, expected) => {
    expect(await usesOf(...args)).toEqual(expected);
  });

  it('tells a withdrawn base from an old one', async () => {
    await api.deps.baseCatalogue.add({
      ...{ family: 'static', version: '1', repository: 'bases/static', tag: '1_x' },
      ...{ digest: OLD_BASE, source: 'vendor.test/static', sourceDigest: OLD_BASE },
      ...{ verifiedBy: 'a key', importedAt: '2026-01-01T00:00:00Z', importedBy: 'rita' },
      withdrawnAt: null,
    });
    await api.deps.baseCatalogue.withdraw('bases/static', OLD_BASE, '2026-02-01T00:00:00Z');

    expect(await usesOf('cart')).toEqual(['cart true withdrawn']);
  });

  it('refuses what is neither service nor base', async () => {
    expect(await usage('nothing')).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('neither a service nor a base') as unknown,
    });
  });

  it('says so when nothing stands on it', async () => {
    expect(await usage(fakeDigest('nothing'))).toMatchObject({
      exit: 0,
      stdout: 'Nothing stands on it.\n',
    });
  });
});
