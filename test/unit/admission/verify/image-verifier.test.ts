import { signatureStatement, statementFor } from '../../../../activities/bundles';
import type { ErrorCode } from '../../../../src/contract/errors';
import type { ImageRef } from '../../../../src/domain/reference';
import { PREDICATE_TYPES } from '../../../../src/ports/signer';
import {
  createAdmissionWorld,
  RELEASE_KEY,
  type AdmissionWorld,
  type ReleasedInput,
} from '../../../support/admission-world';
import { fakeDigest } from '../../../support/api-fixtures';
import { coveredEvidence, coveredFinding } from '../../../support/exceptions';

let world: AdmissionWorld;

beforeEach(async () => {
  world = await createAdmissionWorld();
});

async function rulesOf(image: ImageRef): Promise<readonly string[]> {
  const { faults } = await world.deps.verifier.verify(image);
  return faults.map(({ rule }) => rule);
}

it('finds nothing wrong with a release', async () => {
  const image = await world.release();

  const verification = await world.deps.verifier.verify(image);

  expect(verification).toMatchObject({ good: true, complete: true, faults: [] });
  expect(verification.covers).toHaveLength(2);
  expect(verification.covers[0]).toBe(image.digest);
});

it('holds until the scan is too old', async () => {
  const image = await world.release({ scan: { at: '2026-02-25T00:00:00.000Z' } });

  const { expiresAt } = await world.deps.verifier.verify(image);

  expect(expiresAt).toBe('2026-03-04T00:00:00.000Z');
});

it('looks for the evidence of what a channel holds where it was released', async () => {
  const { digest } = await world.release();

  expect(await rulesOf({ repository: 'channels/prod/checkout', digest })).toEqual([]);
});

it.each<[string, ReleasedInput, readonly string[]]>([
  ['no signature', { without: ['signature'] }, ['signature']],
  ['no SBOM', { without: ['sbom'] }, ['sbom']],
  ['no provenance', { without: ['provenance'] }, ['provenance']],
  ['a child without a signature', { without: ['child'] }, ['child-signature']],
  [
    'an SBOM alone, which cosign takes for a signature',
    { without: ['signature', 'provenance'] },
    ['signature', 'provenance'],
  ],
  [
    'the key of another region',
    { keyId: 'release/us-east-1' },
    ['signature', 'sbom', 'provenance', 'child-signature'],
  ],
  ['no entry in the log', { log: false }, ['signature', 'sbom', 'provenance', 'child-signature']],
  ['no scan', { scan: null }, ['cve-verdict']],
  ['a scan that failed', { scan: { outcome: 'fail' } }, ['cve-verdict']],
  ['a scan of long ago', { scan: { at: '2026-01-01T00:00:00.000Z' } }, ['cve-verdict']],
  [
    'an exception that was withdrawn',
    { scan: { evidence: coveredEvidence(coveredFinding()) } },
    ['cve-verdict'],
  ],
  ['no release', { unreleased: true }, ['released']],
  ['a provenance that is none', { provenance: { builder: 'me' } }, ['provenance', 'provenance']],
])('refuses an image with %s', async (_what, input, rules) => {
  const image = await world.release(input);

  const found = await rulesOf(image);

  expect([...new Set(found)].sort()).toEqual([...new Set(rules)].sort());
});

it('refuses a base that its custodian did not sign', async () => {
  const digest = fakeDigest('unsigned base');
  const hex = digest.slice('sha256:'.length);
  const image = await world.release({
    provenance: {
      buildDefinition: {
        buildType:
          'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md',
        externalParameters: {},
        resolvedDependencies: [
          { uri: `pkg:docker/bases/static?digest=${digest}`, digest: { sha256: hex } },
        ],
      },
      runDetails: { builder: { id: 'https://builder.test/buildkit' } },
    },
  });

  const { faults } = await world.deps.verifier.verify(image);

  expect(faults).toEqual([
    {
      rule: 'provenance',
      message: expect.stringMatching(/no valid signature/) as string,
      lapse: true,
    },
  ]);
});

it('refuses a source that is not trusted', async () => {
  world = await createAdmissionWorld({
    settings: { trustedSources: ['https://git.test/shop'] },
  });

  expect(await rulesOf(await world.release())).toEqual(['provenance']);
});

it('does not take a signature for more than its digest: copied along, it is bound to no release', async () => {
  const { digest } = await world.release();
  await world.registry.mount({ repository: 'apps/checkout/checkout', digest }, 'apps/cart/cart');
  const copy = { repository: 'apps/cart/cart', digest };
  await world.attach(copy, signatureStatement(digest));

  expect(await rulesOf(copy)).toContain('released');
});

it('does not take the release of a digest for that of another repository', async () => {
  const image = await world.release({ unreleased: true });
  const other = await world.release({ repository: 'apps/checkout/other', seed: 'one' });

  expect(other.digest).toBe(image.digest);
  expect(await rulesOf(image)).toEqual(['binding']);
});

it('does not take a statement that names another repository', async () => {
  const image = await world.release({ without: ['signature'] });
  const { subject, ...statement } = signatureStatement(image.digest);
  const named = subject.map((one) => ({ ...one, name: 'registry.test:5080/apps/cart/cart' }));
  await world.attach(image, { ...statement, subject: named });

  const { faults } = await world.deps.verifier.verify(image);

  expect(faults).toEqual([
    {
      rule: 'signature',
      message: expect.stringMatching(/about registry.test:5080\/apps\/cart/) as string,
    },
  ]);
});

it('looks inside of what says nothing of its type, and believes no hint', async () => {
  const image = await world.release({ without: ['signature', 'sbom'] });
  await world.attach(image, signatureStatement(image.digest), { hint: null });
  await world.attach(image, signatureStatement(image.digest), { hint: PREDICATE_TYPES.sbom });

  expect(await rulesOf(image)).toEqual(['sbom']);
});

it('is not misled by a bad one beside a good one', async () => {
  const image = await world.release({ without: ['signature'] });
  await world.attach(image, signatureStatement(image.digest), { keyId: 'release/elsewhere' });
  await world.attach(image, signatureStatement(fakeDigest('another')));
  await world.attach(image, signatureStatement(image.digest));

  expect(await rulesOf(image)).toEqual([]);
});

it('looks at so many attachments and no more', async () => {
  const image = await world.release({ without: ['signature'] });
  for (let n = 0; n < 12; n += 1) {
    const noise = statementFor(image.digest, PREDICATE_TYPES.signature, { n });
    await world.attach(image, noise, { keyId: 'release/elsewhere' });
  }

  const { faults } = await world.deps.verifier.verify(image);

  expect(faults).toEqual([
    {
      rule: 'signature',
      message: expect.stringMatching(/4 more attached were not looked at/) as string,
      lapse: true,
    },
  ]);
});

it('reads so many bytes and no more', async () => {
  const limits = { ...world.deps.settings.limits, bundleBytes: 100 };
  world = await createAdmissionWorld({ settings: { limits } });

  const { faults } = await world.deps.verifier.verify(await world.release());

  expect(faults.map(({ rule }) => rule)).toEqual(
    expect.arrayContaining(['signature', 'sbom', 'provenance']),
  );
  expect(faults.map(({ lapse }) => lapse)).toEqual(faults.map(() => true));
});

it.each<[string, ReleasedInput, true | undefined]>([
  ['a scan that failed', { scan: { outcome: 'fail' } }, undefined],
  ['no scan', { scan: null }, true],
  ['a scan of long ago', { scan: { at: '2026-01-01T00:00:00.000Z' } }, true],
  ['a provenance that is none', { provenance: { builder: 'me' } }, true],
  ['no provenance', { without: ['provenance'] }, undefined],
  ['no signature', { without: ['signature'] }, undefined],
])('says whether it speaks against the image itself: %s', async (_what, input, lapse) => {
  const { faults } = await world.deps.verifier.verify(await world.release(input));

  expect([...new Set(faults.map((fault) => fault.lapse))]).toEqual([lapse]);
});

it.each([
  'charts/checkout',
  'scratch/checkout',
  'apps/checkout',
  'apps/unknown/unknown',
  'apps/checkout/other',
  'channels/live/checkout',
  'channels/prod/unknown',
])('knows no images of %s', async (repository) => {
  expect(await rulesOf({ repository, digest: fakeDigest('x') })).toEqual(['repository']);
});

describe('an image of the platform itself', () => {
  function pushMirror(): ImageRef {
    const repository = 'mirror/proxy';
    return { repository, digest: world.registry.pushImage({ repository, index: true }) };
  }

  it('needs the signature of its custodian, and nothing else', async () => {
    const image = pushMirror();
    await world.attach(image, signatureStatement(image.digest), { keyId: 'bases' });

    const verification = await world.deps.verifier.verify(image);

    expect(verification).toMatchObject({ good: true, expiresAt: null });
    expect(verification.covers).toHaveLength(2);
  });

  it('is refused with the signature of a release', async () => {
    const image = pushMirror();
    await world.attach(image, signatureStatement(image.digest), { keyId: RELEASE_KEY });

    expect(await rulesOf(image)).toEqual(['signature']);
  });
});

it('refuses what is not in the registry', async () => {
  const image = await world.release();
  world.registry.lose(image);

  expect(await rulesOf(image)).toContain('present');
});

it.each<[ErrorCode, 'registry' | 'ledger' | 'signer', string, string]>([
  ['REGISTRY_UNAVAILABLE', 'registry', 'listReferrers', 'registry'],
  ['REGISTRY_UNAVAILABLE', 'registry', 'getManifest', 'registry'],
  ['REGISTRY_UNAVAILABLE', 'registry', 'getArtifact', 'registry'],
  ['LEDGER_UNAVAILABLE', 'ledger', 'releaseFacts', 'ledger'],
  ['SIGNER_UNAVAILABLE', 'signer', 'verify', 'signer'],
  ['LOG_UNAVAILABLE', 'signer', 'verify', 'log'],
])('cannot know while %s comes from %s.%s', async (code, part, method, unknown) => {
  const image = await world.release();
  world[part].fail(code, 100, method);

  const { good, complete, faults } = await world.deps.verifier.verify(image);

  expect({ good, complete }).toEqual({ good: false, complete: false });
  expect(new Set(faults.map((fault) => fault.unknown))).toEqual(new Set([unknown]));
});

it('tells what is bad although another part can not be asked', async () => {
  const image = await world.release({ without: ['signature'] });
  world.ledger.fail('LEDGER_UNAVAILABLE', 100);

  const { faults } = await world.deps.verifier.verify(image);

  expect(faults.map(({ rule }) => rule)).toEqual(['signature', 'not-known']);
});

it('does not wait for a part that hangs', async () => {
  const settings = { ...world.deps.settings, dependencyMs: 20 };
  world = await createAdmissionWorld({ settings });
  const image = await world.release();
  world.registry.listReferrers = () => new Promise(() => undefined);

  const { faults } = await world.deps.verifier.verify(image);

  expect(faults[0]).toMatchObject({ rule: 'not-known', unknown: 'registry' });
});

it('reads the scan of a later run', async () => {
  const image = await world.release({ scan: { outcome: 'fail' } });
  const release = await world.ledger.findByDigest('checkout', image.digest);
  await world.ledger.recordVerdict(
    release!.releaseId,
    'rescan-1',
    'sha256:policy',
    { gate: 'scan', subject: image.digest, outcome: 'pass', reasons: [], evidence: {} },
    '2026-03-01T11:30:00.000Z',
  );

  expect(await rulesOf(image)).toEqual([]);
});
