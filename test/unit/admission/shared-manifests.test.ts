import { shareManifests } from '../../../src/admission/images/shared-manifests';
import { createFakeRegistry, type FakeRegistry } from '../../support/fakes/registry';

const REPOSITORY = 'apps/shop/web';

let fake: FakeRegistry;

beforeEach(() => {
  fake = createFakeRegistry();
});

it('reads what several ask for at once only once, and again when it is asked for later', async () => {
  const digest = fake.pushImage({ repository: REPOSITORY });
  const registry = shareManifests(fake);
  fake.calls.length = 0;

  const [one, other] = await Promise.all([
    registry.getManifest({ repository: REPOSITORY, digest }),
    registry.getManifest({ repository: REPOSITORY, digest }),
  ]);
  const callsAtOnce = fake.calls.length;
  await registry.getManifest({ repository: REPOSITORY, digest });

  expect(one.digest).toBe(digest);
  expect(other).toBe(one);
  expect([callsAtOnce, fake.calls.length]).toEqual([1, 2]);
});

it('tells all of them of a failure, and keeps none', async () => {
  const digest = fake.pushImage({ repository: REPOSITORY });
  const registry = shareManifests(fake);
  fake.fail('REGISTRY_UNAVAILABLE', 1, 'getManifest');

  const asked = [1, 2].map(() => registry.getManifest({ repository: REPOSITORY, digest }));
  const outcomes = await Promise.allSettled(asked);

  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await expect(registry.getManifest({ repository: REPOSITORY, digest })).resolves.toMatchObject({
    digest,
  });
});
