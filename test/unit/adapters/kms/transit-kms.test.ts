import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransitKeyManagement } from '../../../../src/adapters/kms/transit-key-management';
import { judgeKey } from '../../../../src/domain/keys';
import { KEY_IDS, type KeyManagement } from '../../../../src/ports/signer';
import { describeKeyManagementContract } from '../../../support/contracts/kms';
import { startTransit, type TransitEmulator } from '../../../support/transit-emulator';

const release = KEY_IDS.release('eu-west-1');
const RELEASE = 'release_eu-west-1';
const data = Buffer.from('data');
const DAY_MS = 86_400_000;

let transit: TransitEmulator;
let folder: string;
beforeAll(async () => {
  transit = await startTransit();
  folder = await mkdtemp(join(tmpdir(), 'plura-transit-test-'));
});
beforeEach(() => {
  transit.createKey(RELEASE);
  transit.createKey('bases');
});
afterAll(async () => {
  await transit.stop();
  await rm(folder, { recursive: true, force: true });
});

type Options = Parameters<typeof createTransitKeyManagement>[0];

function connect(more: Partial<Options> = {}): KeyManagement {
  const { url, namespace, tokenFile, ca } = transit;
  return createTransitKeyManagement({
    ...{ url, mount: 'transit', namespace, tokenFile, ca },
    ...{ overlapMs: DAY_MS, revocations: () => Promise.resolve({}), maxAgeMs: 0 },
    ...more,
  });
}

describeKeyManagementContract('the transit engine', () => {
  transit.createKey(RELEASE);
  transit.createKey('bases');
  transit.createMacKey('revert');
  transit.createMacKey('decision');
  const kms = connect();
  return {
    kms,
    rotate: (keyId) => {
      transit.rotate(keyId.replace('/', '_'));
      return Promise.resolve(kms);
    },
  };
});

describe('a ring', () => {
  it('has an end for every former version, and none for the latest', async () => {
    transit.rotate(RELEASE);
    transit.rotate(RELEASE);

    const ring = await connect().keyRing(release);

    expect(ring.current).toMatchObject({ version: '3', notAfter: null, revocation: null });
    expect(ring.others.map((one) => one.version)).toEqual(['2', '1']);
    const [second, first] = ring.others;
    expect(first).toMatchObject({ notBefore: null });
    expect(Date.parse(first?.notAfter ?? '')).toBeCloseTo(
      Date.parse(second?.notBefore ?? '') + DAY_MS,
      -1,
    );
  });

  it('does not have versions that transit no longer shows', async () => {
    transit.rotate(RELEASE);
    transit.setMinDecryptionVersion(RELEASE, 2);

    const ring = await connect().keyRing(release);

    expect(ring).toMatchObject({ current: { version: '2' }, others: [] });
  });

  it('has the revocations that the installation names', async () => {
    transit.rotate(RELEASE);
    const revocation = { revokedAt: '2026-01-01T00:00:00Z', trustedBefore: null };

    const ring = await connect({
      revocations: () => Promise.resolve({ [release]: { '1': revocation } }),
    }).keyRing(release);

    const now = new Date();
    const states = [ring.current, ...ring.others].map((one) =>
      judgeKey(one, { seenAt: null, now }),
    );
    expect(states.map((one) => one.good)).toEqual([true, false]);
  });

  it('is asked for again at once when a signature is by a newer version', async () => {
    const kms = connect({ maxAgeMs: 60_000 });
    await kms.keyRing(release);
    transit.rotate(RELEASE);

    await kms.sign(release, data);

    expect((await kms.keyRing(release)).current.version).toBe('2');
  });
});

it('reads its token anew, since an agent renews it', async () => {
  const tokenFile = join(folder, 'token');
  const kms = connect({ tokenFile });
  const old = 'hvs.old';
  await writeFile(tokenFile, old);

  await expect(kms.publicKey(release)).rejects.toMatchObject({ code: 'SIGNER_UNAVAILABLE' });
  await writeFile(tokenFile, 'hvs.renewed\n');
  transit.setToken('hvs.renewed');
  await writeFile(transit.tokenFile, 'hvs.renewed');
  await expect(kms.publicKey(release)).resolves.toContain('PUBLIC KEY');
});

describe('a key is unavailable, with the reason', () => {
  it.each([
    [403, 'denies access'],
    [503, 'sealed'],
    [500, 'answered 500'],
    [307, 'answered 307'],
    [0, 'cannot be asked'],
  ])('when transit answers %s', async (status, message) => {
    transit.fail(status, 1);

    await expect(connect({ timeoutMs: 300 }).sign(release, data)).rejects.toMatchObject({
      code: 'SIGNER_UNAVAILABLE',
      message: expect.stringContaining(message) as string,
      details: { keyId: release, remedy: expect.any(String) as string },
    });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['that is not there', () => connect().keyRing(KEY_IDS.release('mars-1')), 'no such key'],
    ['that is not there, to sign', () => connect().sign('absent', data), 'refuses the call'],
    ['in another namespace', () => connect({ namespace: null }).sign(release, data), 'denies'],
    ['at another mount', () => connect({ mount: 'keys' }).keyRing(release), 'no such key'],
    ['behind an untrusted certificate', untrusted, 'cannot be asked'],
    [
      'without a token file',
      () => connect({ tokenFile: join(folder, 'absent') }).sign(release, data),
      'cannot be read',
    ],
  ])('%s', async (_case, call, message) => {
    await expect(call()).rejects.toMatchObject({
      code: 'SIGNER_UNAVAILABLE',
      message: expect.stringContaining(message) as string,
    });
  });

  function untrusted(): Promise<unknown> {
    const { url, namespace, tokenFile } = transit;
    const options = { url, mount: 'transit', namespace, tokenFile, overlapMs: 0 };
    const revocations = (): Promise<Record<string, never>> => Promise.resolve({});
    return createTransitKeyManagement({ ...options, revocations }).keyRing(release);
  }

  it('of another kind', async () => {
    transit.createKey('bases', 'ed25519');

    await expect(connect().publicKey(KEY_IDS.bases)).rejects.toMatchObject({
      code: 'SIGNER_UNAVAILABLE',
      message: expect.stringContaining('ed25519') as string,
    });
  });
});

it.each(['two words', '', 'line\nbreak'])(
  'what is no token ("%s") is not sent and in no message',
  async (token) => {
    const tokenFile = join(folder, 'odd-token');
    await writeFile(tokenFile, token);
    const before = transit.calls.length;

    const failure: unknown = await connect({ tokenFile })
      .sign(release, data)
      .catch((error: unknown) => error);

    expect(failure).toMatchObject({ message: expect.stringContaining('holds no token') as string });
    expect(transit.calls).toHaveLength(before);
  },
);
