import { signatureStatement } from '../../../../activities/bundles';
import {
  createEvidenceExplainer,
  type ExplainEvidence,
} from '../../../../src/admission/verify/explain-evidence';
import type { VerifierParts } from '../../../../src/admission/verify/image-verifier';
import type { WhyStep } from '../../../../src/domain/admission/why';
import { KEY_IDS } from '../../../../src/ports/signer';
import {
  createAdmissionWorld,
  type AdmissionWorld,
  type ReleasedInput,
} from '../../../support/admission-world';
import { CATALOG, POLICY } from '../../../support/api-fixtures';
import { coveredEvidence, coveredFinding, grantedOf } from '../../../support/exceptions';

let world: AdmissionWorld;

beforeEach(async () => {
  world = await createAdmissionWorld();
});

function createExplainer(over: Partial<VerifierParts> = {}): ExplainEvidence {
  const { registry, signer, ledger, deps } = world;
  return createEvidenceExplainer({
    registry,
    signer,
    ledger,
    keys: deps.keys,
    services: CATALOG,
    policy: POLICY,
    settings: deps.settings,
    now: deps.now,
    onBug: (error) => {
      throw error;
    },
    ...over,
  });
}

const explain: ExplainEvidence = (image) => createExplainer()(image);

const released = async (input?: ReleasedInput): Promise<readonly WhyStep[]> =>
  explain(await world.release(input));

const textOf = (steps: readonly WhyStep[], check: string): string =>
  steps
    .filter((step) => step.check === check)
    .map(({ state, text }) => `${state}: ${text}`)
    .join('\n');

it('tells which key signed what, where the log has it, and by which advisories it was scanned', async () => {
  const evidence = {
    database: { digest: 'sha256:d', updatedAt: '2026-03-01T06:00:00Z' },
    ...coveredEvidence(coveredFinding({ until: '2026-03-05T00:00:00.000Z' })),
  };
  world.ledger.exceptions.push(grantedOf({ expiresAt: '2026-03-05T00:00:00.000Z' }));

  const steps = await released({ scan: { evidence } });

  expect(steps.map(({ check, state }) => `${check} ${state}`)).toEqual([
    'cve ok',
    'signature ok',
    'sbom ok',
    'provenance ok',
  ]);
  for (const check of ['signature', 'sbom', 'provenance']) {
    expect(textOf(steps, check)).toMatch(
      /signed by version 1 of release\/eu-west-1; log entry \d+/,
    );
  }
  expect(textOf(steps, 'cve')).toMatch(/pass at .* in checkout\/1\.4\.1_abc1234/);
  expect(textOf(steps, 'cve')).toContain('advisories of 2026-03-01T06:00:00Z');
  expect(textOf(steps, 'cve')).toContain(
    'excepted: CVE-2026-0001 in qs@6.5.2 until 2026-03-05T00:00:00.000Z by exception exc-1',
  );
  expect(textOf(steps, 'cve')).toContain('holds until 2026-03-05T00:00:00.000Z');
});

it.each<[string, ReleasedInput, string, RegExp]>([
  ['no signature', { without: ['signature'] }, 'signature', /lacks: It has no signature/],
  ['an unsigned child', { without: ['child'] }, 'signature', /lacks: .*child/],
  ['another key', { keyId: 'release/us-east-1' }, 'sbom', /lacks: It has no signed SBOM/],
  ['no provenance', { without: ['provenance'] }, 'provenance', /lacks: .*provenance/],
  ['no scan', { scan: null }, 'cve', /lacks: It has no scan verdict/],
  ['a bad scan', { scan: { outcome: 'fail' } }, 'cve', /lacks: .* is fail/],
  ['no release', { unreleased: true }, 'cve', /lacks: No release/],
])('tells what does not hold, as admission does: %s', async (_what, input, check, text) => {
  expect(textOf(await released(input), check)).toMatch(text);
});

it.each([
  ['registry', 'REGISTRY_UNAVAILABLE', 'registry', ['signature', 'sbom', 'provenance']],
  ['keys', 'SIGNER_UNAVAILABLE', 'signer', ['signature', 'sbom', 'provenance']],
  ['ledger', 'LEDGER_UNAVAILABLE', 'ledger', ['cve']],
] as const)(
  'says of what it could not ask that it is unknown: %s',
  async (_what, code, part, checks) => {
    const image = await world.release();
    world[part].fail(code, 1_000);

    const steps = await explain(image);

    for (const check of checks) expect(textOf(steps, check)).toMatch(/^unknown: /);
    expect(steps.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['cve', 'signature', 'sbom', 'provenance']),
    );
  },
);

it('tells of a base who keeps it, and of what is no image of ours that it is none', async () => {
  const repository = 'bases/go';
  const digest = world.registry.pushImage({ repository, layers: [Buffer.from('go')] });
  await world.attach({ repository, digest }, signatureStatement(digest), { keyId: KEY_IDS.bases });

  const base = await explain({ repository, digest });
  const chart = await explain({ repository: 'charts/checkout', digest });

  expect(textOf(base, 'signature')).toMatch(/^ok: signed by version 1 of bases/);
  expect(textOf(base, 'cve')).toMatch(/^ok: not asked for/);
  expect(chart).toMatchObject([{ check: 'signature', state: 'lacks' }]);
});

it('waits for no part longer than the webhook does', async () => {
  const image = await world.release();
  const never = new Promise<never>(() => undefined);
  const settings = { ...world.deps.settings, dependencyMs: 20 };
  const registry = { ...world.registry, listReferrers: () => never };

  const steps = await createExplainer({ registry, settings })(image);

  expect(textOf(steps, 'signature')).toMatch(/^unknown: /);
});

it('explains a few images at a time, and all of them', async () => {
  const image = await world.release();
  let [asking, most] = [0, 0];
  const counted: VerifierParts['registry']['listReferrers'] = async (...args) => {
    asking += 1;
    most = Math.max(most, asking);
    await new Promise((resolve) => setTimeout(resolve, 5));
    asking -= 1;
    return world.registry.listReferrers(...args);
  };
  const registry = { ...world.registry, listReferrers: counted };
  const explainer = createExplainer({ registry });

  const all = await Promise.all(Array.from({ length: 20 }, () => explainer(image)));

  expect(all.map((steps) => textOf(steps, 'signature').slice(0, 3))).toEqual(
    Array.from({ length: 20 }, () => 'ok:'),
  );
  // Of one explanation the verifier asks once, and who describes it once, each of the index and of its child.
  expect(most).toBeLessThanOrEqual(12);
});
