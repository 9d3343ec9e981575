import { createRollupActivities } from '../../../activities/rollup';
import type { PlanRollupResult } from '../../../activities/rollup-plan';
import type { StartedRebuild } from '../../../activities/rollup-start';
import { SYSTEM_ACTOR } from '../../../src/domain/actor';
import { newStatus } from '../../../src/domain/release-status';
import type { Digest } from '../../../src/domain/digest';
import type { RollupTask } from '../../../src/domain/rollup/report';
import type { Verdict } from '../../../src/domain/verdict';
import { runActivity } from '../../support/activity-env';
import { releaseRequest, testService } from '../../support/builders';
import { A, B, C, digestOf, T0, T1 } from '../../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { containing } from '../../support/matchers';
import { addBase, useBase } from '../../support/known-bases';
import { SETTINGS } from '../../support/rollup-tasks';
import { makeStable } from '../../support/stable-release';

const AT = '2026-11-30T03:00:00.000Z';
const REBUILD = 'shop/1.0.1-base.20261130_abc1234';

let deps: FakeDeps;

/** `shop` stands on base A, and B is out. */
beforeEach(async () => {
  deps = await createFakeDeps({ services: ['shop', 'cart'].map(testService) });
  await makeStable(deps.ledger, 'shop', C);
  await addBase(deps.baseCatalogue, 'static', A, 1);
  await addBase(deps.baseCatalogue, 'static', B, 2);
  await useBase(deps.baseCatalogue, { svc: 'shop', digest: C }, 'static', A);
});

const plan = (
  over: Partial<FakeDeps> = {},
  only: readonly string[] | null = null,
): Promise<PlanRollupResult> =>
  runActivity(createRollupActivities({ ...deps, ...over }), 'planRollup', {
    ...{ only, settings: SETTINGS, always: false, at: AT },
  });

describe('planRollup', () => {
  it('plans the rebuild of what is stable from its recorded source, under a version of its own', async () => {
    const { tasks, current, notes } = await plan();

    expect({ current, notes }).toEqual({ current: 0, notes: [] });
    expect(tasks).toMatchObject([
      {
        ...{ svc: 'shop', owner: 'team-test', digest: C, state: 'waiting' },
        source: { path: 'shop', version: '1.0.0', revision: 'abc1234' },
        ...{ version: '1.0.1-base.20261130', releaseId: REBUILD },
      },
    ]);
  });

  it('takes another version where one of that day is taken', async () => {
    const request = releaseRequest('shop', '1.0.1-base.20261130');
    await deps.ledger.saveStatus(newStatus(request, 'release/other'), 'run', 1);

    expect((await plan()).tasks).toMatchObject([{ version: '1.0.1-base.20261130.2' }]);
  });

  it.each([
    ['changed', 'the source folder is no longer shop at abc1234, as it was released'],
    ['unknown', "whether the source is shop at abc1234 can't be told"],
  ] as const)('leaves alone what has a source that is %s', async (comparison, reason) => {
    const { tasks } = await plan({ compareSource: () => Promise.resolve(comparison) });

    expect(tasks).toMatchObject([{ state: 'not-rebuildable', reason, source: null }]);
  });

  it('knows a base that the installation brings along, which anything imported replaces', async () => {
    const brought = { 'bases/go': { repository: 'bases/go', digest: digestOf('go') } };
    const readBases = (): Promise<typeof brought> => Promise.resolve(brought);
    await useBase(deps.baseCatalogue, { svc: 'shop', digest: C }, 'static', B);
    await useBase(deps.baseCatalogue, { svc: 'shop', digest: C }, 'go', digestOf('go'));

    expect((await plan({ readBases })).tasks).toMatchObject([{ moves: [{ to: B }] }]);
    await addBase(deps.baseCatalogue, 'go', A, 3);
    const moved = (await plan({ readBases })).tasks.flatMap(({ moves }) => moves);
    expect(moved).toContainEqual(
      expect.objectContaining({ repository: 'bases/go', from: digestOf('go'), to: A }),
    );
  });

  it('tells what is gone from the catalogue of services, or from the disk', async () => {
    expect((await plan({ services: [] })).tasks).toMatchObject([{ state: 'not-rebuildable' }]);
    expect((await plan({ sourceRoot: '/nowhere' })).tasks).toMatchObject([
      { state: 'not-rebuildable', reason: 'Source "shop": no such folder below the source root' },
    ]);
  });

  it('says of a service that was named and has no prod:stable', async () => {
    expect(await plan({}, ['cart'])).toEqual({
      ...{ tasks: [], current: 0, notes: ['cart has no prod:stable'] },
    });
  });
});

describe('startRebuilds', () => {
  async function planned(): Promise<RollupTask> {
    const [task] = (await plan()).tasks;
    if (!task) throw new Error('nothing was planned');
    return task;
  }

  async function start(
    task: RollupTask,
    by: string | null = null,
  ): Promise<StartedRebuild | undefined> {
    const [answer] = await runActivity(createRollupActivities(deps), 'startRebuilds', {
      ...{ rollup: 'rollup/monthly-1', tasks: [task], settings: SETTINGS, always: false, at: AT },
      by,
    });
    return answer;
  }

  it('asks the lane for a release of the recorded source, that renews what is stable', async () => {
    expect(await start(await planned())).toEqual({ svc: 'shop', kind: 'started' });

    expect(deps.rebuildLanes.orders).toMatchObject([
      {
        ...{ releaseId: REBUILD, version: '1.0.1-base.20261130', revision: 'abc1234' },
        ...{ path: 'shop', of: C, rollup: 'rollup/monthly-1' },
        requestedBy: SYSTEM_ACTOR,
      },
    ]);
  });

  it('asks in the name of who asked for the rollup, so that another has to approve it', async () => {
    await start(await planned(), 'olga');

    expect(deps.rebuildLanes.orders).toMatchObject([{ requestedBy: { subject: 'olga' } }]);
  });

  it('does not ask again for what an attempt before has asked for', async () => {
    const task = await planned();
    deps.rebuildLanes.show('shop', { releases: [REBUILD] });
    expect(await start(task)).toEqual({ svc: 'shop', kind: 'started' });
    const request = releaseRequest('shop', '1.0.1-base.20261130');
    await deps.ledger.saveStatus(newStatus(request, `release/${REBUILD}`), 'run', 1);
    deps.rebuildLanes.show('shop', {});
    expect(await start(task)).toEqual({ svc: 'shop', kind: 'started' });

    expect(deps.rebuildLanes.orders).toEqual([]);
  });

  it.each([
    ['a release of people', { releases: ['shop/2.0.0_def5678'] }, 'busy with shop/2.0.0_def5678'],
    ['a hold', { closed: 'its lane is held by olga: incident' }, 'held by olga'],
  ])('comes later where the lane has %s', async (_name, lane, why) => {
    deps.rebuildLanes.show('shop', lane);

    const answer = await start(await planned());

    expect(answer).toMatchObject({ kind: 'not-now', why: containing(why) });
    expect(deps.rebuildLanes.orders).toEqual([]);
  });

  it('comes later while the line is stopped, or the lane does not take it', async () => {
    const task = await planned();
    deps.rebuildLanes.fail('LANE_FULL', 1, 'submit');
    expect(await start(task)).toMatchObject({ kind: 'not-now' });
    await deps.freezes.stop({ svc: 'shop', reason: 'incident 12', by: 'olga', at: T0 });

    expect(await start(task)).toMatchObject({
      ...{ kind: 'not-now', why: containing('incident 12') },
    });
  });

  it('plans anew what another release was made stable of', async () => {
    const task = await planned();
    const newer: Digest = digestOf('newer');
    await makeStable(deps.ledger, 'shop', newer, '2.0.0');
    await useBase(deps.baseCatalogue, { svc: 'shop', digest: newer }, 'static', A);

    expect(await start(task)).toMatchObject({
      ...{ kind: 'replanned', task: { digest: newer, version: '2.0.1-base.20261130' } },
    });
    expect(deps.rebuildLanes.orders).toEqual([]);
  });

  it('leaves it to a newer release that stands on the newest base', async () => {
    const task = await planned();
    const newer: Digest = digestOf('newer');
    await makeStable(deps.ledger, 'shop', newer, '2.0.0');
    await useBase(deps.baseCatalogue, { svc: 'shop', digest: newer }, 'static', B);

    expect(await start(task)).toMatchObject({ kind: 'done' });
  });
});

describe('lookAtRebuilds', () => {
  const verdictOf = (subject: Digest, refused: readonly string[]): Verdict => ({
    ...{ gate: 'scan', subject, outcome: 'pass', reasons: [], evidence: { refused } },
  });

  it('says what a rebuild has fixed, and where it changed nothing that it should', async () => {
    const rebuilt = digestOf('rebuilt');
    const old = await deps.ledger.getStatus('shop/1.0.0_abc1234');
    await deps.ledger.recordVerdict(
      old?.releaseId ?? '',
      'run of 1.0.0',
      'h',
      verdictOf(C, ['CVE-2026-1 qs@6', 'CVE-2026-2 qs@6']),
      T0,
    );
    await makeStable(deps.ledger, 'shop', rebuilt, '1.0.1-base.20261130');
    const scan = verdictOf(rebuilt, ['CVE-2026-2 qs@6']);
    await deps.ledger.recordVerdict(REBUILD, 'run of 1.0.1-base.20261130', 'h', scan, T1);
    await useBase(deps.baseCatalogue, { svc: 'shop', digest: rebuilt }, 'static', A);

    const tasks = [{ svc: 'shop', releaseId: REBUILD, digest: C, state: 'promoting' }] as const;
    const [seen] = await runActivity(createRollupActivities(deps), 'lookAtRebuilds', { tasks });

    expect(seen).toMatchObject({
      ...{ outcome: 'released', digest: rebuilt, stable: rebuilt, fixed: ['CVE-2026-1'] },
      note: 'it still stands on an older bases/static: its Dockerfile names the digest',
    });
  });
});

describe('compareRebuild', () => {
  const push = (over: object = {}): Digest =>
    deps.registry.pushImage({ repository: 'apps/shop/shop', index: true, ...over });

  async function compare(one: Digest, of: Digest): Promise<boolean> {
    const input = { service: testService('shop'), digest: one, of };
    return (await runActivity(createRollupActivities(deps), 'compareRebuild', input)).same;
  }

  it('sees the same content under other labels, and with other provenance beside it', async () => {
    const one = push({ labels: { version: '1' }, provenance: { built: 1 } });
    const two = push({ labels: { version: '2' }, provenance: { built: 2 } });

    expect(one).not.toBe(two);
    expect(await compare(two, one)).toBe(true);
  });

  it.each([
    ['other files', { layers: [Buffer.from('newer base')] }],
    ['another environment', { env: ['A=1'] }],
    ['another user', { user: '1000' }],
  ])('sees %s', async (_name, over) => {
    expect(await compare(push(over), push())).toBe(false);
  });

  it('takes what can not be read for another', async () => {
    expect(await compare(push(), digestOf('gone'))).toBe(false);
  });
});
