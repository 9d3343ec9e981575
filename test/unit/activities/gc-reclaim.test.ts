import { createReclaimActivities, type ReclaimStorageResult } from '../../../activities/gc-reclaim';
import type { RegistryMode } from '../../../src/ports/gateway-state';
import type { CollectorRun, Reclaimer } from '../../../src/ports/reclaimer';
import { runActivity } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { A, B } from '../../support/contracts/ledger-builders';
import { containing } from '../../support/matchers';

jest.setTimeout(20_000);

const SETTINGS = { drainMs: 5, settleMs: 5, collectorMs: 60_000, leaseMs: 1000 };

describe('reclaimStorage', () => {
  let deps: FakeDeps;
  let collects: CollectorRun[];
  let offsetMs: number;

  beforeEach(async () => {
    offsetMs = 0;
    collects = [];
    const now = (): Date => new Date(Date.now() + offsetMs);
    deps = { ...(await createFakeDeps()), now };
  });

  function reclaimer(over: Partial<Reclaimer> = {}): Reclaimer {
    return {
      kind: 'offline',
      measure: () => Promise.resolve(null),
      stop: () => Promise.resolve(),
      collect: (run) => {
        collects.push(run);
        return Promise.resolve({ blobs: 0 });
      },
      ...over,
    };
  }

  const reclaim = (with_: Reclaimer): Promise<ReclaimStorageResult> =>
    runActivity(createReclaimActivities({ ...deps, reclaimer: with_ }), 'reclaimStorage', {
      id: 'one',
      settings: SETTINGS,
    });

  const mode = async (): Promise<RegistryMode> =>
    (await deps.gatewayState.read({ parents: false, children: false })).mode;

  it('leaves alone what somebody closed while uploads ended', async () => {
    const since = new Date().toISOString();
    const closed = { pushes: 'closed', reason: 'moving', by: 'olga', since, until: null } as const;
    const measure = async (): Promise<null> => {
      await deps.gatewayState.setMode(closed);
      return null;
    };

    const result = await reclaim(reclaimer({ measure }));

    expect(result).toMatchObject({ outcome: 'not-drained', reason: containing('somebody') });
    expect(collects).toEqual([]);
    expect(await mode()).toEqual(closed);
  });

  it('gives the collector no longer than until pushes open by themselves', async () => {
    const listLeased = deps.uploadLeases.listLeased.bind(deps.uploadLeases);
    deps.uploadLeases.listLeased = (page) => {
      offsetMs += 50_000;
      return listLeased(page);
    };
    await reclaim(reclaimer());
    expect(collects[0]?.deadlineMs).toBeLessThanOrEqual(10_020);

    deps.uploadLeases.listLeased = (page) => {
      offsetMs += 400_000;
      return listLeased(page);
    };
    await expect(reclaim(reclaimer())).rejects.toMatchObject({ code: 'COLLECTOR_FAILED' });
    expect(collects).toHaveLength(1);
    expect(await mode()).toMatchObject({ pushes: 'open' });
  });

  it('ends its collector, and opens nothing, when another attempt took its seal', async () => {
    let first: Promise<unknown> = Promise.resolve();
    await new Promise<void>((began) => {
      const collect = ({ signal }: CollectorRun): Promise<never> => {
        began();
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reject(new Error('killed'));
          });
        });
      };
      first = reclaim(reclaimer({ collect })).catch((error: unknown) => error);
    });

    const second = await reclaim(reclaimer());

    expect(second).toMatchObject({ outcome: 'done' });
    expect(collects).toHaveLength(1);
    const closed = { pushes: 'closed', reason: 'moving', by: 'olga', since: 'later', until: null };
    await deps.gatewayState.setMode({ ...closed, pushes: 'closed' });
    expect(await first).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(await mode()).toMatchObject({ by: 'olga' });
  });

  it('of a registry that collects by itself gives up what was deleted a week ago', async () => {
    const ago = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
    const buried = { repository: 'apps/shop/web', mediaType: 'manifest', tags: [], planId: 'gc-1' };
    for (const [digest, days] of [
      [A, 8],
      [B, 6],
    ] as const) {
      const bytes = Buffer.from('{}');
      await deps.tombstones.bury({ ...buried, digest, bytes, deletedAt: ago(days) });
    }
    const measure = (): Promise<number> => Promise.resolve(900);

    const result = await reclaim(reclaimer({ kind: 'online', measure }));

    expect(result).toMatchObject({ outcome: 'done', afterBytes: 900, reclaimedTombstones: 1 });
    expect(collects).toEqual([]);
    expect(await deps.tombstones.list({ state: 'buried', limit: 9 })).toMatchObject([
      { digest: B },
    ]);
  });

  it('opens what a worker that died had closed', async () => {
    const stopped = jest.fn(() => Promise.resolve());
    const since = new Date().toISOString();
    const until = new Date(Date.now() + 60_000).toISOString();
    const closing = { reason: 'storage is reclaimed', by: 'gc-reclaim', since, until };
    await deps.gatewayState.setMode({ ...closing, pushes: 'closed', sealed: false });
    const given = { ...deps, reclaimer: reclaimer({ stop: stopped }) };

    await runActivity(createReclaimActivities(given), 'abandonReclaim', { id: 'one', reason: 'x' });

    expect(stopped).toHaveBeenCalledTimes(1);
    expect(await mode()).toMatchObject({ pushes: 'open' });
  });
});
