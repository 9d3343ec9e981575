import { PlanView } from '../../../src/contract/schema/api-plan';
import { createTestApi, type TestApi } from '../../support/api-app';
import { CATALOG, CHECKOUT, fakeDigest } from '../../support/api-fixtures';
import { PLAN_POLICY } from '../../support/plans';

const STABLE = fakeDigest('stable');

let api: TestApi;

beforeEach(async () => {
  const planned = { ...CHECKOUT, plan: { judge: { minSamples: 15 } } };
  api = await createTestApi({
    policy: PLAN_POLICY,
    catalog: [planned, ...CATALOG.filter(({ svc }) => svc !== 'checkout')],
  });
});

afterEach(async () => {
  await api.app.close();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function post(payload: object, roles: readonly 'viewer'[] = ['viewer']): Promise<Answer> {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/v1/registry/plan',
    headers: { authorization: `Bearer ${await api.token('vera', roles)}` },
    payload,
  });
  return { status: answer.statusCode, body: answer.json() };
}

async function view(payload: object): Promise<PlanView> {
  return PlanView.parse((await post(payload)).body);
}

const file = (parts: object): object => ({ apiVersion: 'plura.reg/plan/v1', ...parts });

describe('POST /v1/registry/plan', () => {
  it('merges the file over the service over the policy, and says what came from where', async () => {
    const { plan, origins } = await view({
      svc: 'checkout',
      plan: file({ canary: { checkpoint: '20s' } }),
    });

    expect(plan.canary.checkpointMs).toBe(20_000);
    expect(origins).toMatchObject({
      'canary.checkpoint': 'file',
      'judge.minSamples': 'service',
      'observation.window': 'policy',
      'judge.falseAlarmRate': 'default',
    });
  });

  it('does not take a plan whose samples would lie between two scrapes', async () => {
    const { valid, findings } = await view({ plan: file({ judge: { sampleInterval: '900ms' } }) });

    expect(valid).toBe(false);
    expect(findings).toContainEqual(
      expect.objectContaining({
        path: 'judge.sampleInterval',
        severity: 'error',
        message: expect.stringContaining('900ms is shorter than the 1s between scrapes') as string,
      }),
    );
  });

  it('resolves the queries by the stable digest of each environment, and leaves the version where there is none', async () => {
    await api.pin('checkout', { env: 'prod', tag: 'stable' }, STABLE);

    const query = 'rate(cpu{svc="{{service}}",env="{{env}}",digest="{{version}}"}[{{window}}])';
    const plan = file({ judge: { metrics: [{ name: 'cpu', query }] } });

    const { queries } = await view({ svc: 'checkout', plan });

    expect(queries).toEqual([
      {
        gate: 'canary',
        metric: 'cpu',
        query: 'rate(cpu{svc="checkout",env="stg",digest="{{version}}"}[15s])',
      },
      {
        gate: 'observation',
        metric: 'cpu',
        query: `rate(cpu{svc="checkout",env="prod",digest="${STABLE}"}[15s])`,
      },
    ]);
  });

  it('answers for any service where none is named', async () => {
    const answer = await view({});

    expect(answer).toMatchObject({ svc: null, valid: true, queries: [] });
    expect(answer.plan.judge.minSamples).toBe(16);
  });

  it('finds what can not work, with the layer that said it', async () => {
    const { valid, findings } = await view({
      svc: 'checkout',
      plan: file({ judge: { metrics: [], power: { detect: 0.2 } } }),
      requestsPerSecond: 0.01,
    });

    expect(valid).toBe(false);
    expect(findings.map(({ path, severity, origin }) => [path, severity, origin])).toEqual([
      ['canary.guardrails.minRequests', 'error', 'policy'],
      ['observation.guardrails.minRequests', 'error', 'policy'],
      ['judge.power.detect', 'error', 'file'],
      ['judge.metrics', 'warning', 'file'],
      ['judge.metrics', 'error', 'file'],
    ]);
  });

  it('finds what a promotion would refuse as easier than the plan of the service', async () => {
    const plan = file({ observation: { candidatePercent: 100 } });

    const own = await view({ svc: 'checkout', plan });
    const any = await view({ plan });

    expect(own.valid).toBe(false);
    expect(own.findings).toMatchObject([
      {
        path: 'observation.candidatePercent',
        severity: 'error',
        message:
          '100 is not 10: a promotion may be stricter than the plan of the service, not easier',
        origin: 'file',
      },
    ]);
    expect(any.valid).toBe(true);
  });

  it('gives the origin of a list for what is in it', async () => {
    const metrics = [{ name: 'cpu', query: 'max(cpu{v="{{version}}"})' }];

    const { findings } = await view({ plan: file({ judge: { metrics } }) });

    expect(findings).toMatchObject([{ path: 'judge.metrics[0].query', origin: 'file' }]);
  });

  it('has another hash for another plan', async () => {
    const plain = await view({ svc: 'checkout' });
    const other = await view({ svc: 'checkout', plan: file({ judge: { minSamples: 16 } }) });

    expect(plain.planHash).toMatch(/^sha256:/);
    expect(other.planHash).not.toBe(plain.planHash);
    expect(plain.policyHash).toBe('sha256:policy');
  });

  it.each([
    ['an unknown key', { plan: file({ canary: { window: '5m' } }) }, 'plan.canary'],
    [
      'a query that could be of both tracks',
      { plan: file({ judge: { metrics: [{ name: 'cpu', query: 'max(cpu)' }] } }) },
      'plan.judge.metrics.0.query',
    ],
    ['a plan of another kind', { plan: {} }, 'plan.apiVersion'],
  ])('refuses %s by its path', async (_name, payload, field) => {
    const { status, body } = await post(payload);

    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'INVALID_INPUT', field });
  });

  it('knows no service that is not in the catalogue', async () => {
    const { status, body } = await post({ svc: 'nothing' });

    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'UNKNOWN_SERVICE' });
  });

  it('is closed to who may not read', async () => {
    expect((await post({}, [])).status).toBe(403);
  });

  it('starts nothing and is not audited', async () => {
    await view({ svc: 'checkout' });

    expect(api.orchestrator.calls).toEqual([]);
  });
});
