import { createThreadedGathering } from '../../../../src/gateway/evidence/threaded-gathering';
import { fakeDigest } from '../../../support/api-fixtures';

it('leaves all to the usual way for a minute after its thread failed, and then tries again', async () => {
  const failures: unknown[] = [];
  let nowMs = 0;
  const evidence = createThreadedGathering({
    ...{ dir: '/nowhere', thread: { entry: '/nowhere/missing.js' } },
    onFailure: (error) => failures.push(error),
    clock: () => nowMs,
  });
  const gather = (): Promise<unknown> => evidence.gather('apps/a/a', fakeDigest('image'), null);

  expect([await gather(), await gather()]).toEqual([null, null]);
  expect(failures).toHaveLength(1);
  nowMs = 60_000;
  expect(await gather()).toBeNull();

  expect(failures).toEqual([expect.any(Error), expect.any(Error)]);
  await evidence.close();
});
