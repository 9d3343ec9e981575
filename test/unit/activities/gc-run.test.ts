import { createGcRunActivities, type GcSliceResult } from '../../../activities/gc-run';
import { ReleaseError } from '../../../src/contract/errors';
import type { Deleted } from '../../../src/ports/registry';
import { quietEnvironment } from '../../support/activity-env';
import { debian } from '../../support/component-builders';
import { put, released } from '../../support/contracts/component-index';
import { pushed, REPOSITORY } from '../../support/contracts/inventory-builders';
import { A, B, T0 } from '../../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { manifestItem, planOf } from '../../support/gc-world';
import { containing } from '../../support/matchers';

const SETTINGS = { sliceSize: 50, requestsPerSecond: 1000, slackMs: 0, patienceMs: 1000 };

describe('executeGcSlice', () => {
  let deps: FakeDeps;
  let remove: () => Promise<Deleted>;

  beforeEach(async () => {
    const fakes = await createFakeDeps();
    const bytes = Buffer.from('{}');
    const empty = { mediaType: 'manifest', layers: [], manifests: [], annotations: {} };
    remove = () => Promise.resolve({ kind: 'deleted' });
    deps = {
      ...fakes,
      catalog: {
        ...fakes.catalog,
        getManifest: ({ digest }) => Promise.resolve({ ...empty, digest, bytes }),
      },
      retention: { ...fakes.retention, deleteManifest: () => remove() },
    };
    await pushed(deps.inventory, { digest: A, tag: null, writeOnce: false, at: T0 });
  });

  async function execute(attempt = 1, expiresAt?: string): Promise<GcSliceResult> {
    const plan = planOf([manifestItem(REPOSITORY, A)]);
    await deps.gcPlans.savePlan({ ...plan, ...(expiresAt !== undefined && { expiresAt }) }, 'ana');
    const activities = createGcRunActivities(deps);
    const input = { planId: plan.id, from: 0, settings: SETTINGS };
    const execute = (): Promise<GcSliceResult> => activities.executeGcSlice(input);
    return quietEnvironment({ attempt }).run(execute);
  }

  const failing = (status: number) => (): Promise<never> =>
    Promise.reject(new ReleaseError('REGISTRY_UNAVAILABLE', 'it fails', { details: { status } }));

  it('buries what it deletes, and nothing that the gateway keeps', async () => {
    remove = () => Promise.resolve({ kind: 'kept', rule: 'held', why: 'olga holds it' });
    expect(await execute()).toMatchObject({ counts: { skipped: 1 }, skips: { held: 1 } });
    expect(await deps.tombstones.list({ limit: 10 })).toEqual([]);

    remove = () => Promise.resolve({ kind: 'deleted' });
    expect(await execute()).toMatchObject({ counts: { deleted: 1 } });
    expect(await deps.tombstones.list({ limit: 10 })).toMatchObject([{ state: 'buried' }]);
  });

  it('forgets what a released digest is made of with the digest, and no sooner', async () => {
    await released(deps.ledger, A);
    await put(deps.componentIndex, A, [debian()]);
    remove = () => Promise.resolve({ kind: 'kept', rule: 'held', why: 'olga holds it' });
    await execute();
    const kept = await deps.componentIndex.counts();

    remove = () => Promise.resolve({ kind: 'deleted' });
    await execute();

    expect(kept).toMatchObject({ digests: 1, components: 1 });
    expect(await deps.componentIndex.counts()).toEqual({ digests: 0, components: 0, missing: 0 });
  });

  it('keeps what evidence that somebody holds is about', async () => {
    await pushed(deps.inventory, {
      ...{ digest: B, subject: A, tag: null, writeOnce: false, at: T0 },
    });
    const root = { digest: B, reason: 'hold', detail: 'hold by olga' } as const;
    deps.gcRoots.read = () => Promise.resolve({ roots: [root], reaches: [], missing: [] });

    expect(await execute()).toMatchObject({ counts: { deleted: 0 }, skips: { hold: 1 } });
  });

  it.each([500, 503])('waits for a registry that answers %i', async (status) => {
    remove = failing(status);

    await expect(execute()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });

  it('goes on without an item at which the registry alone fails, however often', async () => {
    remove = failing(500);

    expect(await execute(8)).toMatchObject({ counts: { failed: 1 }, next: null });

    remove = failing(503);
    await expect(execute(8)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });

  it('deletes nothing of a plan that expired while it was paused', async () => {
    const expired = execute(1, new Date(Date.now() - 1000).toISOString());

    await expect(expired).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: containing('expired'),
    });
  });
});
