import { readLiveRoots } from '../../../activities/gc-live';
import { testService } from '../../support/builders';
import { A, B, C } from '../../support/contracts/ledger-builders';
import { createFakeDeps } from '../../support/fake-deps';
import { addBase } from '../../support/known-bases';

it('keeps what runs on the targets, what is kept warm there too', async () => {
  const deps = await createFakeDeps({ services: [testService('shop')] });
  for (const [index, digest] of [A, B].entries()) {
    const write = { svc: 'shop', env: 'prod', epoch: index + 1 } as const;
    await deps.rollout.makeStable(write, { repository: 'apps/shop/shop', digest }, '/', 1);
  }

  const { roots } = await readLiveRoots(deps, new AbortController().signal);

  const live = roots.filter(({ reason }) => reason === 'live-workload');
  expect(live).toEqual([
    { digest: B, reason: 'live-workload', detail: 'shop runs it in prod' },
    { digest: A, reason: 'live-workload', detail: 'shop keeps it warm in prod' },
  ]);
});

it('keeps every base that a build may start from, the older ones of a family too, and none that was withdrawn', async () => {
  const deps = await createFakeDeps();
  await addBase(deps.baseCatalogue, 'alpine', A, 1);
  await addBase(deps.baseCatalogue, 'alpine', B, 2);
  await addBase(deps.baseCatalogue, 'alpine', C, 3);
  await deps.baseCatalogue.withdraw('bases/alpine', C, '2026-04-01T00:00:00.000Z');

  const { roots, missing } = await readLiveRoots(deps, new AbortController().signal);

  const kept = roots.filter(({ reason }) => reason === 'base-in-use').map(({ digest }) => digest);
  expect(kept).toEqual(expect.arrayContaining([A, B]));
  expect(kept).not.toContain(C);
  expect(missing).toEqual([]);
});
