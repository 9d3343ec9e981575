import { createDrillActivities, type DrillActivities } from '../../../activities/drill';
import type { Deps } from '../../../activities/deps';
import { DRILL_ACTOR, drillReason } from '../../../src/domain/drill/readiness';
import { testPolicy, testService } from '../../support/builders';
import { A, B, codeOf, moveOf, T0 } from '../../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { createFakeOrchestrator, type FakeOrchestrator } from '../../support/fakes/orchestrator';

const OPEN = { svc: 'shop', id: 'shop-1' };
const STEP = { ...OPEN, number: 1, from: B, to: A, requestedAt: T0, policy: testPolicy() };
const CLOSE = { ...OPEN, newer: B, older: A, policy: testPolicy() };
const MARKED = { services: [{ ...testService('shop'), drill: true }] };

let fakes: FakeDeps;
let lanes: FakeOrchestrator;

beforeEach(async () => {
  fakes = await createFakeDeps();
  lanes = createFakeOrchestrator();
});

function activities(over: Partial<Deps> = MARKED): DrillActivities {
  return createDrillActivities({ ...fakes, lanes, ...over });
}

/** A, then B is prod:stable. */
async function pinTwo(): Promise<void> {
  const epoch = await fakes.ledger.bumpEpoch('shop', 'k0');
  for (const [expected, next] of [
    [null, A],
    [A, B],
  ] as const) {
    const move = moveOf({ expected, next, epoch, idempotencyKey: next });
    await fakes.ledger.beginMove(move);
    await fakes.ledger.completeMove(move, T0);
    await fakes.rollout.makeStable(
      { svc: 'shop', env: 'prod', epoch },
      { repository: 'apps/shop/shop', digest: next },
      '/healthz',
      1_000,
    );
  }
}

const calledOf = (): readonly string[] => lanes.calls.map(({ method }) => method);

describe('drill activities', () => {
  it.each([
    ['is not marked', { services: [testService('shop')] }],
    ['is marked as not to be drilled', { services: [{ ...testService('shop'), drill: false }] }],
    ['is not in the catalogue', { services: [] }],
  ])('never touch a service that %s', async (_, over) => {
    await pinTwo();
    const drill = activities(over);

    expect(await drill.listDrillServices({})).toEqual([]);
    expect(await drill.openDrill(OPEN)).toMatchObject({ ready: false });
    expect(await codeOf(drill.drillRollback(STEP))).toBe('FORBIDDEN');
    expect(calledOf()).toEqual(['getLane']);
  });

  it('hold the lane before they say that it is ready, and take their own older marks back', async () => {
    await pinTwo();
    const mark = { svc: 'shop', digest: A, reason: 'rollback drill', at: T0 };
    await fakes.ledger.markBad({ ...mark, actor: DRILL_ACTOR.subject });

    expect(await activities().openDrill(OPEN)).toEqual({ ready: true, newer: B, older: A });
    expect((await lanes.getLane('shop')).hold).toMatchObject({ by: 'system:drill' });
    expect(await fakes.ledger.findBad('shop', A)).toBeNull();
  });

  it('give the lane back when a release has come between the look and the hold', async () => {
    await pinTwo();
    const drill = activities({
      ...MARKED,
      lanes: {
        ...lanes,
        holdLane: async (...args) => {
          const entry = { releaseId: 'shop/3', requestedBy: 'rita', requestedAt: T0 };
          const held = await lanes.holdLane(...args);
          lanes.lanes.set('shop', { ...held, running: entry });
          return held;
        },
      },
    });

    expect(await drill.openDrill(OPEN)).toMatchObject({ ready: false });
    expect(await lanes.getLane('shop')).toMatchObject({ hold: null });
  });

  it('do not go on from where somebody else has moved it', async () => {
    await pinTwo();

    const moved = activities().drillRollback({ ...STEP, from: A, to: A });

    expect(await codeOf(moved)).toBe('CHANNEL_MOVED');
    expect(calledOf()).toEqual([]);
  });

  it('leave a hold alone that a person has set meanwhile', async () => {
    await pinTwo();
    await lanes.holdLane('shop', { actor: { subject: 'olga', roles: [] }, reason: 'mine' }, 'r');

    expect(await activities().closeDrill(CLOSE)).toEqual({ troubles: [] });
    expect((await lanes.getLane('shop')).hold).toMatchObject({ by: 'olga' });
  });

  it('roll back only from what they came from', async () => {
    await pinTwo();

    await activities().drillRollback(STEP);

    const call = lanes.calls.find(({ method }) => method === 'rollBack');
    expect(call?.args[0]).toMatchObject({ target: { kind: 'digest', digest: A, from: B } });
  });

  it('do not begin where prod:stable is remembered as bad by a person', async () => {
    await pinTwo();
    await fakes.ledger.markBad({ svc: 'shop', digest: B, reason: 'mine', at: T0, actor: 'olga' });

    expect(await activities().openDrill(OPEN)).toMatchObject({ ready: false });
    expect(calledOf()).toEqual(['getLane']);
  });

  it('take back their own mark of what is prod:stable', async () => {
    await pinTwo();
    const mark = { svc: 'shop', digest: B, reason: 'rollback drill', at: T0 };
    await fakes.ledger.markBad({ ...mark, actor: DRILL_ACTOR.subject });

    expect(await activities().openDrill(OPEN)).toMatchObject({ ready: true });
    expect(await fakes.ledger.findBad('shop', B)).toBeNull();
  });

  it('leave the hold of a drill that was broken off, and say where the service belongs', async () => {
    await pinTwo();
    await lanes.holdLane('shop', { actor: DRILL_ACTOR, reason: drillReason('shop-0') }, 'r');
    const move = moveOf({
      ...{ expected: B, next: A, epoch: 1, idempotencyKey: 'd' },
      ...{ actor: DRILL_ACTOR.subject, reason: `rollback: ${drillReason('shop-0')}, 1` },
    });
    await fakes.ledger.beginMove(move);
    await fakes.ledger.completeMove(move, T0);

    const readiness = await activities().openDrill(OPEN);

    expect(readiness).toMatchObject({ ready: false, urgent: true });
    expect((await lanes.getLane('shop')).hold).toMatchObject({ reason: drillReason('shop-0') });
  });

  it('keep what a person remembers as bad', async () => {
    await pinTwo();
    await fakes.ledger.markBad({ svc: 'shop', digest: A, reason: 'mine', at: T0, actor: 'olga' });

    await activities().closeDrill(CLOSE);

    expect(await fakes.ledger.findBad('shop', A)).toMatchObject({ actor: 'olga' });
  });

  it('say when prod serves another digest than its channel says', async () => {
    await pinTwo();
    const image = { repository: 'apps/shop/shop', digest: A };
    await fakes.rollout.makeStable(
      { svc: 'shop', env: 'prod', epoch: 9 },
      image,
      '/healthz',
      1_000,
    );

    const { troubles } = await activities().closeDrill(CLOSE);

    expect(troubles).toEqual([expect.stringContaining('Its lane is held.')]);
  });

  it('say where it was left when it can not be put back, and keep the lane held', async () => {
    await pinTwo();
    await activities().openDrill(OPEN);

    const { troubles } = await activities().closeDrill({ ...CLOSE, newer: A, older: B });

    expect(troubles).toEqual([expect.stringContaining('Its lane is held.')]);
    expect((await lanes.getLane('shop')).hold).not.toBeNull();
  });
});
