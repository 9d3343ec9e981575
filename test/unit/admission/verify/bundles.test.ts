import { signatureStatement, statementFor } from '../../../../activities/bundles';
import { findBundles, type Wanted } from '../../../../src/admission/verify/bundles';
import { createByteBudget } from '../../../../src/admission/verify/byte-budget';
import { createSigstoreSigner } from '../../../../src/adapters/sigstore/sigstore-signer';
import type { ImageRef } from '../../../../src/domain/reference';
import {
  BUNDLE_ARTIFACT_TYPE,
  PREDICATE_TYPE_ANNOTATION,
  PREDICATE_TYPES,
  type Signer,
  type Statement,
} from '../../../../src/ports/signer';
import { createFakeKeyManagement, type FakeKeyManagement } from '../../../support/fakes/kms';
import { createFakeRegistry, type FakeRegistry } from '../../../support/fakes/registry';

const KEY = 'release/eu-west-1';
const DAY_MS = 86_400_000;
const SIGNED_AT = '2026-01-01T00:00:00.000Z';
const { signature, provenance } = PREDICATE_TYPES;

let registry: FakeRegistry;
let kms: FakeKeyManagement;
let signer: Signer;
let now: Date;
let image: ImageRef;

async function attach(statement: Statement): Promise<void> {
  await registry.attach({
    subject: image,
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload: await signer.sign(KEY, statement, false),
    annotations: { [PREDICATE_TYPE_ANNOTATION]: statement.predicateType },
  });
}

async function isFound(type: string, firstSeen?: Wanted['firstSeen']): Promise<boolean> {
  const found = await findBundles(
    { registry, signer, log: false, maxBundles: 10, budget: createByteBudget(1024 * 1024) },
    { image, keyId: KEY, predicateTypes: [type], ...(firstSeen && { firstSeen }) },
  );
  return found.get(type)?.ok === true;
}

beforeEach(async () => {
  registry = createFakeRegistry();
  kms = createFakeKeyManagement();
  now = new Date(SIGNED_AT);
  signer = createSigstoreSigner({ kms, now: () => now });
  const repository = 'apps/checkout/checkout';
  image = { repository, digest: registry.pushImage({ repository, layers: [Buffer.from('one')] }) };
  await attach(signatureStatement(image.digest));
  await attach(statementFor(image.digest, provenance, {}));
});

describe('a signature by a key whose overlap has ended', () => {
  beforeEach(async () => {
    await kms.rotate(KEY, new Date(SIGNED_AT), DAY_MS);
    now = new Date('2026-03-01T00:00:00.000Z');
  });

  it('holds when a record of ours shows it earlier', async () => {
    expect(await isFound(signature, () => Promise.resolve(SIGNED_AT))).toBe(true);
  });

  it.each<[string, Wanted['firstSeen']]>([
    ['without a record', () => Promise.resolve(null)],
    ['with a record of later', () => Promise.resolve('2026-02-01T00:00:00.000Z')],
    ['where nothing is recorded', undefined],
  ])('is refused %s', async (_what, firstSeen) => {
    expect(await isFound(signature, firstSeen)).toBe(false);
  });

  it('is refused on an attestation, which a record of the digest does not date', async () => {
    expect(await isFound(provenance, () => Promise.resolve(SIGNED_AT))).toBe(false);
  });
});

it('asks for no record of a signature by the key that signs now', async () => {
  const firstSeen = jest.fn(() => Promise.resolve(null));

  expect(await isFound(signature, firstSeen)).toBe(true);
  expect(firstSeen).not.toHaveBeenCalled();
});
