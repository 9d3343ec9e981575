import { createFactReader } from '../../../../src/admission/guardrails/facts';
import { createWorkloads } from '../../../../src/admission/guardrails/read-workloads';
import { judgeGuardrails } from '../../../../src/admission/review/judge-guardrails';
import { readObject } from '../../../../src/admission/review/read-object';
import { DEFAULT_GUARDRAILS } from '../../../../src/domain/admission/guardrails/defaults';
import { requestFor } from '../../../support/admission-pods';
import { GOOD_RESOURCES, goodContainer, type Raw } from '../../../support/guardrail-builders';

const workloads = createWorkloads({
  guardrails: DEFAULT_GUARDRAILS,
  facts: createFactReader({
    networkPolicies: null,
    imageConfigs: { read: () => Promise.resolve(new Map()) },
  }),
});

/** A pod that was let in by older rules: it says nothing of the user, seccomp and AppArmor. */
function podWith(resources: Raw): Raw {
  const spec = { containers: [goodContainer({ resources })] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'shop' }, spec };
}

/** What is held against the resize of a good pod. */
async function resizedTo(resources: Raw): Promise<readonly string[]> {
  const request = requestFor(podWith(resources), {
    operation: 'UPDATE',
    subResource: 'resize',
    oldObject: podWith(GOOD_RESOURCES),
  });
  const asked = readObject(workloads, request);
  const { denied } = await judgeGuardrails(workloads, request, asked!);
  return denied.map(({ rule, pointer }) => `${rule} ${pointer}`);
}

describe('a pod that is resized in place', () => {
  it('may be, within requests and limits, whatever else it breaches', async () => {
    const wider = { ...GOOD_RESOURCES, limits: { cpu: '2', memory: '64Mi' } };

    expect(await resizedTo(wider)).toEqual([]);
  });

  it('is refused when it loses a limit', async () => {
    const { limits, requests } = GOOD_RESOURCES;

    expect(await resizedTo({ requests, limits: { ...limits, cpu: '0' } })).toEqual([
      'requests-and-limits /spec/containers/0/resources/limits/cpu',
    ]);
  });
});
