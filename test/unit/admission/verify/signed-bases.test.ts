import { createAnswerCache, type Answer } from '../../../../src/admission/cache/answer-cache';
import { createByteBudget } from '../../../../src/admission/verify/byte-budget';
import { createSignedBases, type SignedBases } from '../../../../src/admission/verify/signed-bases';
import type { ImageRef } from '../../../../src/domain/reference';
import { KEY_IDS } from '../../../../src/ports/signer';
import { signatureStatement } from '../../../../activities/bundles';
import { createAdmissionWorld, type AdmissionWorld } from '../../../support/admission-world';

const BASE_KEPT_MS = 10_000;

let world: AdmissionWorld;
let bases: SignedBases;
let base: ImageRef;
let keys: string;
let clockMs: number;

beforeEach(async () => {
  world = await createAdmissionWorld();
  const { registry, signer } = world;
  keys = 'keys of now';
  clockMs = 0;
  const repository = 'bases/other';
  base = { repository, digest: registry.pushImage({ repository }) };
  bases = createSignedBases({
    reader: () => ({
      registry,
      signer,
      log: true,
      maxBundles: 10,
      budget: createByteBudget(1_000_000),
    }),
    keys: { id: () => Promise.resolve(keys) },
    cache: createAnswerCache<Answer>({
      goodMs: BASE_KEPT_MS,
      badMs: 5_000,
      entries: 10,
      now: () => world.now,
      clock: () => clockMs,
    }),
  });
});

const sign = (keyId: string): Promise<void> =>
  world.attach(base, signatureStatement(base.digest), { keyId });
const reads = (): number =>
  world.registry.calls.filter(({ method }) => method === 'listReferrers').length;

it('reads the evidence of a base once for all that stand on it', async () => {
  await sign(KEY_IDS.bases);

  const answers = await Promise.all([bases.isSigned(base), bases.isSigned(base)]);

  expect(answers).toEqual([true, true]);
  expect(reads()).toBe(1);
});

it.each([
  ['a while has passed', () => (clockMs = BASE_KEPT_MS)],
  ['the keys have changed', () => (keys = 'keys after a revocation')],
])('reads it again when %s', async (_when, change) => {
  await sign(KEY_IDS.bases);
  await bases.isSigned(base);

  change();
  await bases.isSigned(base);

  expect(reads()).toBe(2);
});

it('takes nobody’s word but the custodian’s', async () => {
  await sign('release/eu-west-1');

  expect(await bases.isSigned(base)).toBe(false);
});

it('keeps no answer that it could not get', async () => {
  await sign(KEY_IDS.bases);
  world.registry.fail('REGISTRY_UNAVAILABLE', 1, 'listReferrers');

  await expect(bases.isSigned(base)).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  expect(await bases.isSigned(base)).toBe(true);
});
