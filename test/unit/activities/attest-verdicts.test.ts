import {
  createAttestVerdictsActivities,
  type AttestVerdictsInput,
  type AttestVerdictsResult,
} from '../../../activities/attest-verdicts';
import { VerdictsPredicate } from '../../../src/contract/schema/verdicts-predicate';
import type { Digest } from '../../../src/domain/digest';
import { VERDICTS_PREDICATE_TYPE } from '../../../src/domain/evidence-predicate';
import type { Json, Verdict } from '../../../src/domain/verdict';
import type { Descriptor } from '../../../src/ports/registry';
import { BUNDLE_ARTIFACT_TYPE, KEY_IDS, type VerifiedBundle } from '../../../src/ports/signer';
import { quietEnvironment } from '../../support/activity-env';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';
import { windowEvidence, windowVerdict } from '../../support/window-evidence';

const REPOSITORY = 'apps/shop/web';
const RELEASE_ID = 'shop/1.0.0_abc1234';
const AT = '2026-03-01T12:00:00.000Z';

let deps: FakeDeps;
let digest: Digest;

beforeEach(async () => {
  deps = await createFakeDeps();
  digest = deps.registry.pushImage({ repository: REPOSITORY });
});

async function record(verdict: Verdict, runId = 'run-1'): Promise<void> {
  await deps.ledger.recordVerdict(RELEASE_ID, runId, 'sha256:p', verdict, AT);
}

function attest(over: Partial<AttestVerdictsInput> = {}): Promise<AttestVerdictsResult> {
  const input: AttestVerdictsInput = {
    release: { releaseId: RELEASE_ID, svc: 'shop', policyHash: 'sha256:p' },
    service: { svc: 'shop', name: 'web', region: 'eu-west-1' },
    version: '1.0.0',
    revision: 'abc1234',
    digest,
    createdAt: AT,
    transparencyLog: 'required',
    ...over,
  };
  const environment = quietEnvironment({
    workflowExecution: { workflowId: 'release/shop', runId: 'run-1' },
  });
  return environment.run(
    (one: AttestVerdictsInput) => createAttestVerdictsActivities(deps).attestVerdicts(one),
    input,
  );
}

function bundles(): Promise<readonly Descriptor[]> {
  return deps.registry.listReferrers({ repository: REPOSITORY, digest }, BUNDLE_ARTIFACT_TYPE);
}

async function readBundle(descriptor: Descriptor): Promise<VerifiedBundle> {
  const image = { repository: REPOSITORY, digest: descriptor.digest };
  const { payload } = await deps.registry.getArtifact(image, 1_000_000);
  const expected = { subject: digest, predicateType: VERDICTS_PREDICATE_TYPE, log: true };
  return deps.signer.verify(KEY_IDS.release('eu-west-1'), payload, expected);
}

const SCAN: Verdict = {
  gate: 'scan',
  subject: 'image',
  outcome: 'pass',
  reasons: [],
  evidence: { critical: 0 },
};

describe('attestVerdicts', () => {
  it('signs what stands of the run as one attestation on the digest', async () => {
    await record(SCAN);
    await record(windowVerdict(windowEvidence(), { outcome: 'inconclusive' }));
    await record(windowVerdict());
    await record({ ...SCAN, outcome: 'fail' }, 'another run');

    const result = await attest();

    const [bundle, ...others] = await bundles();
    const { statement } = await readBundle(bundle!);
    const predicate = VerdictsPredicate.parse(statement.predicate);
    expect(others).toEqual([]);
    expect(result).toEqual({ verdicts: 2, shortened: 0, logIndex: expect.any(String) as string });
    expect(predicate).toMatchObject({
      release: { id: RELEASE_ID, svc: 'shop', repository: REPOSITORY, runId: 'run-1' },
      digest,
    });
    expect(predicate.verdicts.map(({ gate, outcome }) => [gate, outcome])).toEqual([
      ['scan', 'pass'],
      ['canary', 'pass'],
    ]);
    expect(predicate.verdicts[1]?.evidence).toEqual(windowVerdict().evidence);
  });

  it('finds its own when it is done again', async () => {
    await record(SCAN);

    const first = await attest();
    const second = await attest();

    expect(second).toEqual(first);
    expect(await bundles()).toHaveLength(1);
  });

  it('signs anew once the run has more to say', async () => {
    await record(SCAN);
    await attest();
    await record(windowVerdict());

    await attest();

    const predicates = await Promise.all((await bundles()).map((one) => readBundle(one)));
    const counts = predicates.map(
      ({ statement }) => VerdictsPredicate.parse(statement.predicate).verdicts.length,
    );
    expect(counts.sort()).toEqual([1, 2]);
  });

  it('attaches after a failure what it could not attach before, once', async () => {
    await record(SCAN);
    deps.registry.fail('REGISTRY_UNAVAILABLE', 1, 'attach');

    await expect(attest()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    await attest();

    expect(await bundles()).toHaveLength(1);
  });

  it('names evidence that is too large by its hash', async () => {
    const evidence: Json = { log: 'x'.repeat(3 * 1024 * 1024) };
    await record({ ...SCAN, evidence });
    await record(windowVerdict());

    const { shortened } = await attest();

    const [bundle] = await bundles();
    const { statement } = await readBundle(bundle!);
    const [scan, canary] = VerdictsPredicate.parse(statement.predicate).verdicts;
    expect(shortened).toBe(1);
    expect(scan?.evidence).toEqual({
      kept: 'in the ledger',
      bytes: 3 * 1024 * 1024 + '{"log":""}'.length,
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(canary?.evidence).toEqual(windowVerdict().evidence);
  });

  it('does not sign that nothing was judged', async () => {
    await record(SCAN, 'another run');

    await expect(attest()).rejects.toMatchObject({ code: 'ATTESTATION_INVALID' });
    expect(await bundles()).toEqual([]);
  });

  it('leaves the log alone where the policy does', async () => {
    await record(SCAN);

    await expect(attest({ transparencyLog: 'off' })).resolves.toMatchObject({ logIndex: null });
  });
});
