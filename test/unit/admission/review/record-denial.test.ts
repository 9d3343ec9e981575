import { podOf } from '../../../support/admission-pods';
import { reviewIn } from '../../../support/admission-review';
import {
  createAdmissionWorld,
  nameOf,
  type AdmissionWorld,
} from '../../../support/admission-world';

let world: AdmissionWorld;

beforeEach(async () => {
  world = await createAdmissionWorld();
});

const review = reviewIn(() => world);

describe('what is refused goes on record', () => {
  it('with its image and rules, once an image', async () => {
    const image = await world.release({ scan: { outcome: 'fail' } });

    await review(podOf(nameOf(image)), {
      ...{ namespace: 'shop-prod', userInfo: { username: 'rita', groups: [] } },
    });

    expect(world.events).toEqual([
      {
        kind: 'admission-denied',
        repository: image.repository,
        reference: image.digest,
        actor: 'rita',
        at: world.now.toISOString(),
        detail: { namespace: 'shop-prod', rules: ['cve-verdict'], lapsed: [] },
      },
    ]);
  });

  it('apart where the verdict is merely too old', async () => {
    const image = await world.release({ scan: { at: '2026-01-01T00:00:00Z' } });

    await review(podOf(nameOf(image)));

    expect(world.events).toMatchObject([{ detail: { rules: [], lapsed: ['cve-verdict'] } }]);
  });

  it('not where it was let in, could not be found out, or is a dry run', async () => {
    const good = await world.release();
    await review(podOf(nameOf(good)));
    const bad = await world.release({ scan: { outcome: 'fail' } });
    await review(podOf(nameOf(bad)), { dryRun: true });
    world.isPostgresDown = true;
    await review(podOf(nameOf(bad)));

    expect(world.events).toEqual([]);
  });
});
