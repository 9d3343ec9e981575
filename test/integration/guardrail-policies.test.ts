import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RULE_IDS, type RuleId } from '../../src/domain/admission/guardrails/config';
import { GUARDRAILS } from '../../src/domain/admission/guardrails/rules';
import { toAdmissionPolicies } from '../../src/domain/admission/guardrails/vap';
import { breachesInCel } from '../../src/domain/admission/guardrails/vap-rules';
import { type GuardrailCase, type Raw } from '../support/guardrail-builders';
import { CASES_CONFIG, GUARDRAIL_CASES, MODE_CASES } from '../support/guardrail-cases';
import { objectOf } from '../support/guardrail-objects';
import { FIXTURES } from '../support/kubernetes/cluster';
import { sendToKube } from '../support/kubernetes/kube-send';
import { startKubeServer, type KubeServer } from '../support/kubernetes/kube-server';

interface Answer {
  readonly status: number;
  readonly body: Raw;
  /** Rules of which the API server warned, in our order. */
  readonly warned: readonly RuleId[];
  readonly warnings: string;
}

const IN_CEL = RULE_IDS.filter((rule) => breachesInCel(rule, CASES_CONFIG) !== null);
const PLURALS: Readonly<Record<string, string>> = {
  ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
};
/** Breaches all that CEL can say. */
const WORST = {
  name: 'worst',
  metadata: {},
  spec: {
    hostPID: true,
    containers: [{ name: 'web', image: 'web', securityContext: { privileged: true } }],
  },
  breached: IN_CEL,
};

/** What of `WORST` breaches them, where it is not its container. */
const BREACHING: Partial<Readonly<Record<RuleId, string>>> = {
  'host-namespaces': 'hostPID',
  'spiffe-identity': 'the pod',
  'mtls-mode': 'the pod',
};

let server: KubeServer;

beforeAll(async () => {
  server = await startKubeServer();
  await server.create(join(FIXTURES, 'rollouts.yaml'));
  for (const name of new Set([...MODE_CASES.map(([namespace]) => namespace)])) {
    await send('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
    });
  }
  for (const policy of toAdmissionPolicies(CASES_CONFIG)) {
    const path = `/apis/${String(policy['apiVersion'])}/${PLURALS[String(policy['kind'])] ?? ''}`;
    const { status, body } = await send('POST', path, policy);
    if (status !== 201) throw new Error(JSON.stringify(body));
  }
  await untilJudged();
}, 120_000);

afterAll(() => server.stop());

/** Policies are taken up some moments after they were made. */
async function untilJudged(): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const { warned } = await create({ ...WORST, namespace: 'shop' });
    if (warned.length === IN_CEL.length) return;
    await sleep(100);
  }
  throw new Error('the policies are not taken up');
}

async function send(method: 'POST' | 'PUT', path: string, body: Raw): Promise<Answer> {
  const reply = await sendToKube(server, method, path, body);
  return { ...reply, warned: rulesIn(reply.warnings) };
}

function rulesIn(warnings: string): readonly RuleId[] {
  const found = [...warnings.matchAll(/ValidatingAdmissionPolicy 'plura-reg-([a-z-]+)-warn'/g)];
  return RULE_IDS.filter((rule) => found.some(([, name]) => name === rule));
}

/** How the policies tell that `WORST` breaches it. */
function breachBy(rule: RuleId): string {
  const { remedy } = GUARDRAILS.find(({ id }) => id === rule)!;
  return `${rule}: ${BREACHING[rule] ?? 'container web'}: ${remedy}`;
}

function pathOf({ kind = 'Pod', namespace }: Pick<GuardrailCase, 'kind' | 'namespace'>): string {
  const { apiVersion } = objectOf({ ...WORST, kind, namespace });
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${String(apiVersion)}`;
  return `${root}/namespaces/${namespace}/${kind.toLowerCase()}s`;
}

function create(one: GuardrailCase): Promise<Answer> {
  return send('POST', `${pathOf(one)}?dryRun=All`, objectOf(one));
}

/** An ephemeral container comes into a pod that is there. */
async function debug(one: GuardrailCase, name: string): Promise<Answer> {
  const { body } = await send('POST', pathOf(one), objectOf(one, name));
  const spec = { ...(body['spec'] as Raw), ephemeralContainers: [one.ephemeral] };
  return send('PUT', `${pathOf(one)}/${name}/ephemeralcontainers?dryRun=All`, { ...body, spec });
}

describe('an API server with the admission policies of the guardrails', () => {
  it.each(GUARDRAIL_CASES.map((one, index) => [one.name, one, index] as const))(
    'finds what our rules find: %s',
    async (_name, one, index) => {
      const answer = await (one.ephemeral ? debug(one, `case-${index}`) : create(one));

      expect([answer.status, answer.body['message']]).toEqual([
        one.ephemeral ? 200 : 201,
        undefined,
      ]);
      expect(answer.warned).toEqual(one.breached);
    },
  );

  it.each(MODE_CASES)('has in %s the mode %s', async (namespace, mode) => {
    const { status, warned } = await create({ ...WORST, namespace });

    expect(status).toBe(mode === 'enforce' ? 403 : 201);
    expect(warned).toEqual(mode === 'warn' ? IN_CEL : []);
  });

  it('says what breaches each rule, and what to do', async () => {
    const { warnings } = await create({ ...WORST, namespace: 'shop' });

    expect(IN_CEL.filter((rule) => !warnings.includes(breachBy(rule)))).toEqual([]);
  });

  it('denies with what breaches one of the rules', async () => {
    const { body } = await create({ ...WORST, namespace: 'shop-prod' });

    // The API server tells of one that denies, and it may be any.
    const told = IN_CEL.filter((rule) =>
      String(body['message']).endsWith(`denied request: ${breachBy(rule)}`),
    );
    expect(told).toHaveLength(1);
  });

  it('lets an update pass that leaves the pods as they are, and judges one that does not', async () => {
    const deployment = { ...WORST, kind: 'Deployment' as const, namespace: 'shop' };
    const given = { ...deployment, metadata: { labels: { app: 'web' } } };
    const { body } = await send('POST', pathOf(given), objectOf(given));
    const path = `${pathOf(given)}/web`;
    const spec = body['spec'] as Raw;
    const template = spec['template'] as Raw;
    const metadata = { labels: { app: 'web' }, annotations: { changed: 'yes' } };

    const scaled = await send('PUT', path, { ...body, spec: { ...spec, replicas: 3 } });
    const changed = await send('PUT', `${path}?dryRun=All`, {
      ...scaled.body,
      spec: { ...spec, template: { ...template, metadata } },
    });

    expect([scaled.status, scaled.warned]).toEqual([200, []]);
    expect([changed.status, changed.warned]).toEqual([200, IN_CEL]);
  });

  it('lets a Rollout pass that has no template of its own', async () => {
    const { status, warned } = await send(
      'POST',
      `${pathOf({ kind: 'Rollout', namespace: 'shop' })}?dryRun=All`,
      {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Rollout',
        metadata: { name: 'web' },
        spec: { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
      },
    );

    expect([status, warned]).toEqual([201, []]);
  });
});
