import { createRebuildLanes } from '../../../src/main/rebuild-lanes';
import { hashPolicy } from '../../../src/contract/schema/policy';
import type { ReleaseRequest } from '../../../src/contract/messages';
import { emptyLane } from '../../../src/orchestrator/orchestrator';
import { OLGA, testPolicy, testService } from '../../support/builders';
import { A, T0 } from '../../support/contracts/ledger-builders';
import { createFakeOrchestrator } from '../../support/fakes/orchestrator';

const ORDER = {
  ...{ service: testService('shop'), releaseId: 'shop/1.0.1-base.20261130_abc1234' },
  ...{ version: '1.0.1-base.20261130', revision: 'abc1234', path: 'shop', requestedAt: T0 },
  ...{ of: A, rollup: 'rollup/monthly-1', requestedBy: OLGA },
};

it('asks for a release in the name of who asked, by the policy, that renews what is stable', async () => {
  const orchestrator = createFakeOrchestrator();
  const policy = testPolicy();

  await createRebuildLanes(orchestrator, policy).submit(ORDER);

  const [call] = orchestrator.calls.filter(({ method }) => method === 'submitRelease');
  const request = call?.args[0] as ReleaseRequest;
  expect(request).toMatchObject({
    ...{ releaseId: ORDER.releaseId, origin: { kind: 'source', path: 'shop' }, requestedAt: T0 },
    ...{ requestedBy: OLGA, policyHash: hashPolicy(policy) },
    rebuild: { digest: A, rollup: 'rollup/monthly-1' },
  });
  expect(request.plan?.canary.steps).toHaveLength(policy.canary.stepsPercent.length);
});

it('says what a lane is busy with, and why it is closed', async () => {
  const orchestrator = createFakeOrchestrator();
  const lanes = createRebuildLanes(orchestrator, testPolicy());
  expect(await lanes.look('shop')).toEqual({ releases: [], closed: null });

  await lanes.submit(ORDER);
  await orchestrator.holdLane('shop', { actor: OLGA, reason: 'incident' }, 'r1');
  expect(await lanes.look('shop')).toEqual({
    ...{ releases: [ORDER.releaseId], closed: 'its lane is held by olga: incident' },
  });

  orchestrator.lanes.set('shop', { ...emptyLane('shop'), rollbackRunning: true });
  expect(await lanes.look('shop')).toEqual({
    ...{ releases: [], closed: 'a rollback of it is under way' },
  });
});
