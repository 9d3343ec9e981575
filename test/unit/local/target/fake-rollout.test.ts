import type { ImageRef } from '../../../../src/domain/reference';
import { describeRolloutContract } from '../../../support/contracts/rollout';
import { createFakeRollout } from '../../../support/fakes/rollout';

const image = (digit: string): ImageRef => ({
  repository: 'apps/shop/web',
  digest: `sha256:${digit.repeat(64)}`,
});

describeRolloutContract('the fake rollout', () => {
  const rollout = createFakeRollout();
  rollout.breakImage(image('f').digest);
  return {
    rollout,
    images: [image('a'), image('b'), image('c')],
    broken: image('f'),
    healthPath: '/healthz',
    keepsWarm: true,
    crashCandidate: (svc) => {
      rollout.show({ svc, env: 'stg' }, { trouble: 'it ended by itself' });
      return Promise.resolve();
    },
  };
});
