import { createBuildActivities, type BuildImageInput } from '../../../activities/build';
import { createProvenanceActivities } from '../../../activities/provenance';
import type { Digest } from '../../../src/domain/digest';
import type { Verdict } from '../../../src/domain/verdict';
import { runActivity } from '../../support/activity-env';
import { testPolicy, testService } from '../../support/builders';
import { importedBase } from '../../support/contracts/base-catalogue';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';

const STATIC = 'bases/static';
const RELEASE = { releaseId: 'shop/1.0.0_abc1234', svc: 'shop', policyHash: 'h' };
const input: BuildImageInput = {
  ...{ release: RELEASE, service: testService('shop'), version: '1.0.0', revision: 'abc1234' },
  ...{ requestedAt: '2026-03-01T12:00:00.000Z', policy: testPolicy().build, path: 'shop' },
  transparencyLog: 'required',
};

let deps: FakeDeps;
let base: Digest;

beforeEach(async () => {
  deps = await createFakeDeps();
  base = (await deps.readBases())[STATIC]?.digest ?? 'sha256:';
});

const build = (): ReturnType<ReturnType<typeof createBuildActivities>['buildImage']> =>
  runActivity(createBuildActivities(deps), 'buildImage', input);

const check = (digest: Digest): Promise<Verdict> =>
  runActivity(createProvenanceActivities(deps), 'checkProvenance', { ...input, digest });

/** The stack's own base, as if it had been imported, and then called back. */
async function withdraw(): Promise<void> {
  await deps.baseCatalogue.add(importedBase({ repository: STATIC, digest: base }));
  await deps.baseCatalogue.withdraw(STATIC, base, '2026-03-02T12:00:00.000Z');
}

it('remembers what a released image stands on', async () => {
  const { digest } = await build();

  expect(await check(digest ?? base)).toMatchObject({ outcome: 'pass' });

  expect(await deps.baseCatalogue.usesOf(base, 10)).toEqual([
    {
      ...{ svc: 'shop', releaseId: RELEASE.releaseId, digest },
      ...{ baseRepository: STATIC, baseDigest: base },
    },
  ]);
});

it('lets nothing pass that stands on a withdrawn base, and remembers nothing of it', async () => {
  const { digest } = await build();
  await withdraw();

  const verdict = await check(digest ?? base);

  expect(verdict).toMatchObject({ outcome: 'fail', reasons: [expect.stringMatching(/withdrawn/)] });
  expect(await deps.baseCatalogue.usesOf(base, 10)).toEqual([]);
});

it('builds from no withdrawn base, without a restart', async () => {
  expect((await build()).verdict.outcome).toBe('pass');
  await withdraw();

  const { verdict } = await build();

  expect(verdict).toMatchObject({ outcome: 'fail', reasons: [expect.stringMatching(STATIC)] });
});
