import {
  attachBundle,
  findVerifiedBundle,
  signatureStatement,
  type BundleQuery,
} from '../../../activities/bundles';
import type { ImageRef } from '../../../src/domain/reference';
import {
  BUNDLE_ARTIFACT_TYPE,
  PREDICATE_TYPE_ANNOTATION,
  PREDICATE_TYPES,
} from '../../../src/ports/signer';
import { codeOf } from '../../support/contracts/ledger-builders';
import { createFakeDeps, type FakeDeps } from '../../support/fake-deps';

const T0 = '2026-01-01T00:00:00Z';
const KEY_ID = 'release/eu-west-1';
const MAX_BUNDLE_BYTES = 32 * 1024 * 1024;

let deps: FakeDeps;
let image: ImageRef;
let query: BundleQuery;

beforeEach(async () => {
  deps = await createFakeDeps();
  const repository = 'apps/shop/shop';
  image = { repository, digest: deps.registry.pushImage({ repository, layers: [] }) };
  query = { image, predicateType: PREDICATE_TYPES.signature, keyId: KEY_ID, log: false };
});

async function attach(payload: Buffer): Promise<ImageRef> {
  const { digest } = await deps.registry.attach({
    subject: image,
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload,
    annotations: { [PREDICATE_TYPE_ANNOTATION]: PREDICATE_TYPES.signature },
  });
  return { repository: image.repository, digest };
}

async function sign(): Promise<void> {
  const payload = await deps.signer.sign(KEY_ID, signatureStatement(image.digest), false);
  await attachBundle(deps, query, { attached: false, payload }, T0);
}

it.each<[string, () => Promise<unknown>]>([
  ['is no bundle', () => attach(Buffer.from('no bundle'))],
  ['is over the limit', () => attach(Buffer.alloc(MAX_BUNDLE_BYTES + 1))],
])('goes past an attachment that %s to the good one', async (_, attachBad) => {
  await attachBad();
  await sign();

  expect(await findVerifiedBundle(deps, query)).not.toBeNull();
});

it.each(['INVALID_INPUT', 'DIGEST_NOT_FOUND'] as const)(
  'goes past an attachment whose reading ends with %s',
  async (code) => {
    await attach(Buffer.from('bad'));
    await sign();
    deps.registry.fail(code, 1, 'getArtifact');

    expect(await findVerifiedBundle(deps, query)).not.toBeNull();
  },
);

it('goes past one that the key calls malformed', async () => {
  await attach(Buffer.from('bad'));
  await sign();
  deps.signer.fail('INVALID_INPUT', 1, 'verify');

  expect(await findVerifiedBundle(deps, query)).not.toBeNull();
});

it('does not take a registry that is away for bad evidence', async () => {
  await sign();
  deps.registry.fail('REGISTRY_UNAVAILABLE', 1, 'getArtifact');

  expect(await codeOf(findVerifiedBundle(deps, query))).toBe('REGISTRY_UNAVAILABLE');
});

it('reads no more of one image than fits its budget', async () => {
  const payload = Buffer.alloc(MAX_BUNDLE_BYTES);
  for (let n = 0; n < 9; n += 1) await attach(Buffer.from(String(n)));
  const descriptor = { digest: image.digest, mediaType: BUNDLE_ARTIFACT_TYPE, size: 0 };
  const getArtifact = jest.fn(() => Promise.resolve({ payload, descriptor }));
  const listReferrers = deps.registry.listReferrers.bind(deps.registry);
  deps.signer.fail('SIGNATURE_INVALID', 9, 'verify');
  const reader = { ...deps, registry: { ...deps.registry, listReferrers, getArtifact } };

  expect(await findVerifiedBundle(reader, query)).toBeNull();
  expect(getArtifact).toHaveBeenCalledTimes(8);
});
