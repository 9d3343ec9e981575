import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';
import { planIdOf, planOf } from '../../support/contracts/gc-plans';
import { A } from '../../support/contracts/ledger-builders';
import { runReport } from '../../support/fakes/gc-runs';

const REPOSITORY = 'apps/shop/shop';
const PLAN = planIdOf('one');

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function send(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  payload?: object,
  roles: readonly Role[] = ['operator'],
): Promise<Answer> {
  const answer = await api.app.inject({
    method,
    url: `/v1/registry/gc/${path}`,
    headers: { authorization: `Bearer ${await api.token('olga', roles)}` },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

async function begun(): Promise<void> {
  await api.gcPlans.savePlan(planOf('one'), 'ana');
  await api.gcPlans.beginPlan(PLAN, `gc-run/${PLAN}`, planOf('one').madeAt);
}

describe('the run of a plan', () => {
  it('is shown as Temporal has it, the one that runs when none is named', async () => {
    await begun();
    api.orchestrator.gcRuns.runs.set(PLAN, runReport(PLAN, { next: 2 }));

    expect((await send('GET', 'run')).body).toMatchObject({ planId: PLAN, next: 2 });
    expect((await send('GET', `run?plan=${PLAN}`)).body).toMatchObject({ planId: PLAN, next: 2 });
  });

  it('is shown from the record once Temporal has forgotten it', async () => {
    await begun();
    await api.gcPlans.endPlan(PLAN, 'done', planOf('one').madeAt);

    expect((await send('GET', `run?plan=${PLAN}`)).body).toMatchObject({
      outcome: 'done',
      counts: { deleted: 0 },
    });
  });

  it('is none when no plan was executed', async () => {
    expect(await send('GET', 'run')).toMatchObject({
      status: 404,
      body: { code: 'RUN_NOT_FOUND' },
    });
  });

  it.each(['pause', 'resume', 'cancel'] as const)('takes the order to %s', async (order) => {
    await begun();
    api.orchestrator.gcRuns.runs.set(PLAN, runReport(PLAN));

    const { status } = await send('POST', `plans/${PLAN}/${order}`, { reason: 'an incident' });

    expect(status).toBe(200);
    expect(api.orchestrator.gcRuns.orders).toEqual([
      { plan: PLAN, order, by: { by: 'olga', reason: 'an incident' } },
    ]);
    expect(api.ledger.audit).toMatchObject([{ action: `gc.${order}`, subject: PLAN }]);
  });

  it('takes orders of operators only', async () => {
    const { status } = await send('POST', `plans/${PLAN}/pause`, { reason: 'x' }, ['viewer']);

    expect(status).toBe(403);
  });

  it('gives its turn back when its workflow is gone', async () => {
    await begun();

    const { body } = await send('POST', `plans/${PLAN}/cancel`, { reason: 'it was terminated' });

    expect(body).toMatchObject({ outcome: 'stopped' });
    expect(await api.gcPlans.getPlan(PLAN)).toMatchObject({ state: 'stopped' });
  });
});

describe('undelete', () => {
  it('puts back an image, and says so in the audit trail', async () => {
    const { body } = await send('POST', 'restore', { repository: REPOSITORY, digest: A });

    expect(body).toMatchObject({ restored: [A], tags: ['1.0.0'] });
    expect(api.ledger.audit).toMatchObject([
      { action: 'gc.restore', svc: 'shop', subject: `${REPOSITORY}@${A}` },
    ]);
  });

  it('lists what can be put back', async () => {
    await api.deps.tombstones.bury({
      ...{ repository: REPOSITORY, digest: A, mediaType: 'application/x', tags: ['1.0.0'] },
      ...{ bytes: Buffer.from('{}'), planId: PLAN, deletedAt: NOW },
    });

    const { body } = await send('GET', `tombstones?repository=${REPOSITORY}&state=buried`);

    expect(body['tombstones']).toMatchObject([{ digest: A, state: 'buried', planId: PLAN }]);
  });
});

describe('a reclaim', () => {
  it('is started once, shown, and stopped', async () => {
    const first = await send('POST', 'reclaim');
    const second = await send('POST', 'reclaim');
    const shown = await send('GET', 'reclaim');
    const stopped = await send('DELETE', 'reclaim');

    expect(first).toEqual({ status: 202, body: { started: true } });
    expect(second.body).toEqual({ started: false });
    expect(shown.body).toEqual({ running: true, reclaims: [] });
    expect(stopped.body).toEqual({ stopped: true });
    expect(api.ledger.audit).toHaveLength(2);
  });
});
