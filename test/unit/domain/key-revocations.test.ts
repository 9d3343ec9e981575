import fc from 'fast-check';
import { withRevocations, type RevokedKey } from '../../../src/domain/key-revocations';
import { judgeKey, type KeyRing, type KeyVersion } from '../../../src/domain/keys';

const DAY = '2026-03-01T00:00:00.000Z';
const EARLIER = '2026-02-01T00:00:00.000Z';
const LATER = '2026-04-01T00:00:00.000Z';
const NOW = new Date('2026-05-01T00:00:00.000Z');

function versionOf(version: string, over: Partial<KeyVersion> = {}): KeyVersion {
  const publicKey = `pem ${version}`;
  return { version, publicKey, notBefore: null, notAfter: null, revocation: null, ...over };
}

const RING: KeyRing = {
  keyId: 'release/eu-west-1',
  current: versionOf('2'),
  others: [versionOf('1')],
};

function revokedOf(over: Partial<RevokedKey> = {}): RevokedKey {
  const of = { keyId: 'release/eu-west-1', version: '1', publicKey: 'pem 1' };
  return { ...of, revokedAt: DAY, trustedBefore: null, reason: 'stolen', by: 'erin', ...over };
}

it('marks the version whose key was called back, whatever it is called now', () => {
  const { current, others } = withRevocations(RING, [revokedOf({ version: '2025-06' })]);

  expect(others[0]?.revocation).toEqual({ revokedAt: DAY, trustedBefore: null });
  expect(current.revocation).toBeNull();
});

it('marks the version that signs too', () => {
  expect(withRevocations(RING, [revokedOf({ publicKey: 'pem 2' })]).current.revocation).toEqual({
    revokedAt: DAY,
    trustedBefore: null,
  });
});

it.each([
  ['another key id', { keyId: 'release/us-east-1' }],
  ['another key', { publicKey: 'pem 9' }],
])('leaves a ring alone that %s is revoked of', (_what, over) => {
  expect(withRevocations(RING, [revokedOf(over)])).toEqual(RING);
});

it('goes by the last line about a key', () => {
  const lines = [revokedOf(), revokedOf({ revokedAt: LATER, trustedBefore: EARLIER })];

  expect(withRevocations(RING, lines).others[0]?.revocation).toEqual({
    revokedAt: LATER,
    trustedBefore: EARLIER,
  });
});

it.each([
  ['the record', { revokedAt: LATER, trustedBefore: DAY }, null, null],
  ['the ring', { revokedAt: DAY, trustedBefore: null }, EARLIER, null],
  ['the earlier time', { revokedAt: DAY, trustedBefore: DAY }, EARLIER, EARLIER],
])('takes the stricter of ring and record: %s', (_what, revocation, recorded, trustedBefore) => {
  const ring = { ...RING, others: [versionOf('1', { revocation })] };

  const [former] = withRevocations(ring, [revokedOf({ trustedBefore: recorded })]).others;

  expect(former?.revocation).toEqual({ revokedAt: DAY, trustedBefore });
});

it('never makes a signature good that was not', () => {
  const time = fc.constantFrom(EARLIER, DAY, LATER);
  const revocation = fc.option(
    fc.record({ revokedAt: time, trustedBefore: fc.option(time, { nil: null }) }),
    { nil: null },
  );
  const record = fc.record({ revokedAt: time, trustedBefore: fc.option(time, { nil: null }) });
  const seen = fc.option(time, { nil: null });
  fc.assert(
    fc.property(revocation, fc.array(record), seen, (inRing, records, seenAt) => {
      const version = versionOf('1', { revocation: inRing });
      const ring = { ...RING, others: [version] };

      const [marked] = withRevocations(
        ring,
        records.map((one) => revokedOf(one)),
      ).others;

      const age = { seenAt, now: NOW };
      const was = judgeKey(version, age).good;
      expect(was || !judgeKey(marked ?? version, age).good).toBe(true);
    }),
  );
});
