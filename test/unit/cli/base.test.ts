import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, POLICY } from '../../support/api-fixtures';
import { ALPINE, importReport } from '../../support/base-world';
import { runPlura, type CliRun } from '../../support/cli-run';
import { importedBase } from '../../support/contracts/base-catalogue';

const DIGEST = fakeDigest('alpine 3.22.2');

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi({ policy: { ...POLICY, bases: { families: [ALPINE] } } });
});

afterEach(async () => {
  await api.app.close();
});

const plura = (...args: readonly string[]): Promise<CliRun> =>
  runPlura(api, ['reg', 'base', ...args], {
    as: 'erin',
    roles: ['viewer', 'security', 'operator'],
  });

function ended(over: Parameters<typeof importReport>[0] = {}): void {
  const report = importReport(over);
  api.orchestrator.imports.state = { workflowId: 'base-import/alpine', running: false, report };
}

it('lists families, and every import with its digest', async () => {
  await api.deps.baseCatalogue.add(importedBase());

  const { stdout } = await plura('list');
  const all = await plura('list', 'alpine', '--all');

  expect(stdout).toMatch(
    /alpine +vendor\.example\/library\/alpine:3\.22\.2 +approval +3\.22\.2 of 2026-03-01/,
  );
  expect(all.stdout).toContain(DIGEST);
  expect(all.stdout).toContain('approval of erin');
  expect(JSON.parse((await plura('list', '--json')).stdout)).toMatchObject({
    bases: [{ digest: DIGEST }],
  });
});

it('starts an import', async () => {
  const { exit, stdout } = await plura('import', 'alpine', '--allow-older');

  expect([exit, stdout]).toEqual([0, expect.stringContaining('was started')]);
  expect(api.orchestrator.imports.asked).toMatchObject([{ allowOlder: true }]);
});

it.each([
  ['imported', 0, {}],
  ['unchanged', 0, {}],
  ['refused', 3, { step: 'verify', reason: 'No signature holds', remedy: 'do not use it' }],
  ['failed', 7, { step: 'copy', reason: 'the registry is away' }],
] as const)('follows it to its end: %s exits with %i', async (outcome, code, over) => {
  ended({ outcome, ...over });

  const { exit, stdout, stderr } = await plura('import', 'alpine', '--wait');

  expect(exit).toBe(code);
  expect(stdout).toContain(outcome);
  for (const text of Object.values(over).slice(1)) expect(stdout).toContain(text);
  expect(stderr).toContain('…');
  expect(JSON.parse((await plura('import', 'alpine', '--wait', '--json')).stdout)).toMatchObject({
    outcome,
  });
});

it('says so when nothing is known of it', async () => {
  const { exit, stderr } = await plura('import', 'alpine', '--wait');

  expect(exit).toBe(7);
  expect(stderr).toContain('Nothing is known of the import of alpine');
});

it('approves and withdraws', async () => {
  await api.deps.baseCatalogue.add(importedBase());
  const why = ['--reason', 'as announced'];

  const allowed = await plura('allow', 'alpine', DIGEST, ...why, '--accept-findings');
  const withdrawn = await plura('withdraw', 'alpine', DIGEST, ...why);

  expect(allowed.stdout).toContain('plura reg base import alpine');
  expect(await api.deps.baseCatalogue.findApproval('alpine', DIGEST)).toMatchObject({
    acceptsFindings: true,
  });
  expect(withdrawn.stdout).toContain(`bases/alpine@${DIGEST}`);
});

it.each([
  ['an unknown family', ['import', 'nobody'], 4],
  ['no reason', ['allow', 'alpine', DIGEST], 2],
  ['what was never imported', ['withdraw', 'alpine', DIGEST, '--reason', 'because'], 4],
])('exits with what it is, %s', async (_what, args, exit) => {
  expect((await plura(...args)).exit).toBe(exit);
});
