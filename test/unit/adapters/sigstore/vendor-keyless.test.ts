import { verifyCosign } from '../../../../src/adapters/sigstore/vendor-signatures';
import type { CosignRule } from '../../../../src/adapters/sigstore/vendor-trust';
import { ReleaseError } from '../../../../src/contract/errors';
import type { VendorImage } from '../../../../src/ports/vendor-verifier';
import { fakeDigest } from '../../../support/api-fixtures';
import { attachLegacy } from '../../../support/cosign-legacy';
import { createFakeBaseVendors, type FakeBaseVendors } from '../../../support/fakes/base-vendors';
import { createFakeRegistry } from '../../../support/fakes/registry';
import { createSigstoreInstance, type KeylessInput } from '../../../support/sigstore-instance';

const REPOSITORY = 'distroless/static';
const WHO = { identity: 'keyless@vendor.example', issuer: 'https://accounts.vendor.example' };
const RULE: CosignRule = { kind: 'cosign-keyless', ...WHO, trustedRoot: 'sigstore.json' };
const DAY_MS = 86_400_000;

const instance = createSigstoreInstance();
let vendors: FakeBaseVendors;
let image: VendorImage;

beforeEach(() => {
  vendors = createFakeBaseVendors(createFakeRegistry());
  const digest = vendors.published.pushImage({ repository: REPOSITORY, index: true });
  const source = { host: 'vendor.example', repository: REPOSITORY };
  image = { source, digest, vendor: vendors.at(source.host) };
});

const verify = (rule: CosignRule = RULE, root = instance.trustedRoot): Promise<string> =>
  verifyCosign(image, rule, () => Promise.resolve(Buffer.from(root)));

type Signed = ReturnType<Parameters<typeof attachLegacy>[3]>;

/** Attaches what is made of the payload; `signed` is what that names. */
function attach(sign: (payload: Buffer) => Signed, signed = image.digest): Promise<void> {
  const { published } = vendors;
  const store = {
    putBlob: published.putBlob.bind(published),
    putManifest: published.placeManifest.bind(published),
  };
  const subject = { repository: REPOSITORY, digest: image.digest };
  return attachLegacy(store, subject, signed, sign);
}

function signAs(over: Partial<KeylessInput> = {}, signed = image.digest): Promise<void> {
  return attach((payload) => instance.sign({ ...WHO, payload, ...over }), signed);
}

it('takes the signature of this identity, on the word of this issuer', async () => {
  await signAs();

  expect(await verify()).toBe(`cosign keyless: ${WHO.identity} by ${WHO.issuer}`);
});

it('takes one of weeks ago: log and certificate agree on when it was made', async () => {
  await signAs({ at: new Date(Date.now() - 20 * DAY_MS) });

  await expect(verify()).resolves.toContain(WHO.identity);
});

it.each([
  [
    'another identity',
    { identity: 'keyless@vendor.example.evil' },
    /signed by keyless@vendor.*evil/,
  ],
  ['an identity that fits as a pattern', { identity: 'keylessXvendorYexample' }, /signed by/],
  ['another issuer', { issuer: 'https://github.com/login/oauth' }, /known to https:\/\/github/],
  ['a certificate that had expired', { loggedAt: new Date(Date.now() + 3_600_000) }, /certificate/],
  ['a certificate of tomorrow', { loggedAt: new Date(Date.now() - DAY_MS) }, /certificate/],
])('refuses %s', async (_what, over, why) => {
  await signAs(over);

  await expect(verify()).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  await expect(verify()).rejects.toThrow(why);
});

it('refuses the signature of another digest', async () => {
  await signAs({}, fakeDigest('other'));

  await expect(verify()).rejects.toThrow(/what was signed is sha256:/);
});

it('refuses another Sigstore, and one whose authority has ended', async () => {
  await signAs();
  const ended = { start: new Date(0), end: new Date(DAY_MS) };

  await expect(verify(RULE, createSigstoreInstance().trustedRoot)).rejects.toThrow(/No signature/);
  await expect(verify(RULE, createSigstoreInstance(ended).trustedRoot)).rejects.toThrow(
    /No signature/,
  );
});

it('refuses what is not in the log, and what was signed with a plain key', async () => {
  await attach((payload) => ({ ...instance.sign({ ...WHO, payload }), logEntry: null }));
  await expect(verify()).rejects.toThrow(/timestamp|tlog/i);

  await attach((payload) => ({ ...instance.sign({ ...WHO, payload }), certificate: null }));
  await expect(verify()).rejects.toThrow(/plain key/);
});

it('refuses what nobody signed', async () => {
  await expect(verify()).rejects.toThrow(/has none of cosign|it has none/);
});

it('cannot verify without a trusted root that is one', async () => {
  await expect(verify(RULE, 'no JSON')).rejects.toMatchObject({ code: 'BASE_REFUSED' });
  await expect(
    verifyCosign(image, RULE, () => Promise.reject(new ReleaseError('BASE_REFUSED', 'no file'))),
  ).rejects.toMatchObject({ code: 'BASE_REFUSED' });
});
