import { readLiveRoots } from '../../../activities/gc-live';
import { A, B, C } from '../../support/contracts/ledger-builders';
import { createFakeDeps } from '../../support/fake-deps';
import { addBase } from '../../support/known-bases';

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
