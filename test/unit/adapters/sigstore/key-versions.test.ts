import { createSigstoreSigner } from '../../../../src/adapters/sigstore/sigstore-signer';
import {
  KEY_IDS,
  PREDICATE_TYPES,
  type Signer,
  type Statement,
} from '../../../../src/ports/signer';
import { createFakeKeyManagement, type FakeKeyManagement } from '../../../support/fakes/kms';

const keyId = KEY_IDS.release('eu-west-1');
const subject = `sha256:${'c'.repeat(64)}` as const;
const statement: Statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ digest: { sha256: 'c'.repeat(64) } }],
  predicateType: PREDICATE_TYPES.signature,
  predicate: {},
};
const expected = { subject, predicateType: PREDICATE_TYPES.signature, log: false };

const DAY_MS = 86_400_000;
const day = (n: number): Date => new Date(Date.UTC(2026, 0, 1) + n * DAY_MS);

interface Signed {
  readonly kms: FakeKeyManagement;
  readonly signer: Signer;
  /** Signed on day 0, before the rotation of day 1, whose overlap lasts 30 days. */
  readonly former: Buffer;
  readonly current: Buffer;
  readonly setDay: (n: number) => void;
}

async function signedTwice(): Promise<Signed> {
  let today = 0;
  const kms = createFakeKeyManagement();
  const signer = createSigstoreSigner({ kms, now: () => day(today) });
  const former = await signer.sign(keyId, statement, false);
  await kms.rotate(keyId, day(1), 30 * DAY_MS);
  const current = await signer.sign(keyId, statement, false);
  const setDay = (n: number): void => {
    today = n;
  };
  return { kms, signer, former, current, setDay };
}

it('verifies signatures of both versions in the overlap', async () => {
  const { signer, former, current, setDay } = await signedTwice();
  setDay(20);

  for (const bundle of [former, current]) {
    await expect(signer.verify(keyId, bundle, expected)).resolves.toMatchObject({ statement });
  }
});

describe('after the overlap', () => {
  it('verifies a signature of the former version that a record shows in time', async () => {
    const { signer, former, setDay } = await signedTwice();
    setDay(100);

    const seenAt = day(0.5).toISOString();
    const verified = signer.verify(keyId, former, { ...expected, seenAt });

    await expect(verified).resolves.toMatchObject({ statement });
  });

  it.each<[string, string | null | undefined]>([
    ['of unknown age', undefined],
    ['without a record', null],
    ['that a record shows too late', day(40).toISOString()],
  ])('refuses a signature of the former version %s', async (_case, seenAt) => {
    const { signer, former, setDay } = await signedTwice();
    setDay(100);

    const verified = signer.verify(keyId, former, {
      ...expected,
      ...(seenAt !== undefined && { seenAt }),
    });

    await expect(verified).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: expect.stringContaining('version 1 of the key counted until') as string,
    });
  });
});

describe('after a revocation', () => {
  it('refuses what the revoked version signed, though the overlap goes on', async () => {
    const { kms, signer, former, current, setDay } = await signedTwice();
    await kms.revoke(keyId, '1', { revokedAt: day(10).toISOString(), trustedBefore: null });
    setDay(11);

    await expect(
      signer.verify(keyId, former, { ...expected, seenAt: day(0.5).toISOString() }),
    ).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: expect.stringContaining('revoked') as string,
    });
    await expect(signer.verify(keyId, current, expected)).resolves.toMatchObject({ statement });
  });

  it('keeps what a record shows before the compromise', async () => {
    const { kms, signer, former, setDay } = await signedTwice();
    const revocation = { revokedAt: day(10).toISOString(), trustedBefore: day(5).toISOString() };
    await kms.revoke(keyId, '1', revocation);
    setDay(11);

    const seenOn = (n: number): Promise<unknown> =>
      signer.verify(keyId, former, { ...expected, seenAt: day(n).toISOString() });

    await expect(seenOn(2)).resolves.toMatchObject({ statement });
    await expect(seenOn(6)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    await expect(signer.verify(keyId, former, expected)).rejects.toMatchObject({
      code: 'SIGNATURE_INVALID',
    });
  });
});

it('refuses a signature of none of the versions', async () => {
  const { signer, setDay } = await signedTwice();
  const stranger = createSigstoreSigner({ kms: createFakeKeyManagement() });
  const bundle = await stranger.sign(keyId, statement, false);
  setDay(20);

  await expect(signer.verify(keyId, bundle, expected)).rejects.toMatchObject({
    code: 'SIGNATURE_INVALID',
    message: expect.stringContaining('no version') as string,
  });
});

it('checks subject and type whichever version signed', async () => {
  const { signer, former, setDay } = await signedTwice();
  setDay(20);

  const verified = signer.verify(keyId, former, {
    ...expected,
    subject: `sha256:${'d'.repeat(64)}`,
  });

  await expect(verified).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
});
