import { createReconcileActivities, type ReconcileActivities } from '../../../activities/reconcile';
import type { Digest } from '../../../src/domain/digest';
import type { PushRecord } from '../../../src/ports/inventory';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';

const APP = 'apps/shop/shop';
const TAG = '1.0.0_abc1234';

let deps: FakeDeps;

beforeEach(async () => {
  deps = await createFakeDeps();
});

function call<Name extends keyof ReconcileActivities>(
  name: Name,
  input: Parameters<ReconcileActivities[Name]>[0],
): Promise<Awaited<ReturnType<ReconcileActivities[Name]>>> {
  const activity = createReconcileActivities(deps)[name] as (one: unknown) => Promise<never>;
  return quietEnvironment().run(activity, input);
}

/** A push as the gateway records one. */
function pushOf(
  repository: string,
  digest: Digest,
  tag: string | null,
  writeOnce = true,
): PushRecord {
  return {
    repository,
    digest,
    tag,
    writeOnce: writeOnce && tag !== null,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: null,
    size: 400,
    subject: null,
    edges: [],
    actor: 'builder',
    at: '2025-12-01T00:00:00.000Z',
    id: `${repository} ${tag ?? ''} ${digest}`,
  };
}

describe('settlePending', () => {
  const later = { before: '2999-01-01T00:00:00.000Z' };

  it('completes what the registry has, and abandons what it lacks or has otherwise', async () => {
    const taken = deps.catalog.push({ repository: APP, user: '1' }, '1.0.0_abc1234');
    const lost = pushOf(APP, `sha256:${'1'.repeat(64)}`, '2.0.0_abc1234');
    const other = pushOf(APP, `sha256:${'2'.repeat(64)}`, '3.0.0_abc1234');
    deps.catalog.push({ repository: APP, user: '3' }, '3.0.0_abc1234');
    for (const push of [pushOf(APP, taken, '1.0.0_abc1234'), lost, other]) {
      await deps.inventory.beginPush(push);
    }

    expect(await call('settlePending', later)).toEqual({ settled: 3, errors: [] });

    expect((await deps.inventory.getTag(APP, '1.0.0_abc1234'))?.digest).toBe(taken);
    expect(await deps.inventory.getTag(APP, '2.0.0_abc1234')).toBeNull();
    const retry = pushOf(APP, `sha256:${'4'.repeat(64)}`, '2.0.0_abc1234');
    expect(await deps.inventory.beginPush(retry)).toEqual({ kind: 'claimed' });
    expect(await call('settlePending', later)).toMatchObject({ settled: 1 });
  });

  it('leaves a push alone while nothing is known about it', async () => {
    await deps.inventory.beginPush(pushOf(APP, `sha256:${'1'.repeat(64)}`, TAG));
    deps.catalog.answerLikeProxy();
    expect(await call('settlePending', later)).toEqual({ settled: 0, errors: [] });

    deps.catalog.breakRepository(APP);
    expect(await call('settlePending', later)).toMatchObject({
      settled: 0,
      errors: [expect.stringContaining(TAG)],
    });
  });
});
