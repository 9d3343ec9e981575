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

it.each([
  [
    'one that trusts nothing',
    [revokedOf(), revokedOf({ revokedAt: LATER, trustedBefore: EARLIER })],
    null,
  ],
  [
    'one that came later',
    [revokedOf({ trustedBefore: DAY }), revokedOf({ revokedAt: LATER })],
    null,
  ],
  [
    'the earlier moment',
    [
      revokedOf({ trustedBefore: EARLIER }),
      revokedOf({ revokedAt: LATER, trustedBefore: DAY }),
      revokedOf({ revokedAt: LATER, trustedBefore: LATER }),
    ],
    EARLIER,
  ],
])('goes by the strictest of the lines about a key: %s', (_what, lines, trustedBefore) => {
  expect(withRevocations(RING, lines).others[0]?.revocation).toEqual({
    revokedAt: DAY,
    trustedBefore,
  });
});

it('does not make good again what was seen between a revocation and a looser line', () => {
  const lines = [revokedOf(), revokedOf({ revokedAt: LATER, trustedBefore: LATER })];

  const [former] = withRevocations(RING, lines).others;

  const seenAt = '2026-03-05T00:00:00.000Z';
  expect(judgeKey(former!, { seenAt, now: NOW }).good).toBe(false);
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

it('never makes a signature good that was not, and no line makes good what those before it did not', () => {
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

      const lines = records.map((one) => revokedOf(one));
      const isGood = (many: readonly RevokedKey[]): boolean => {
        const [marked] = withRevocations(ring, many).others;
        return judgeKey(marked ?? version, { seenAt, now: NOW }).good;
      };

      const was = judgeKey(version, { seenAt, now: NOW }).good;
      expect(was || !isGood(lines)).toBe(true);
      expect(isGood(lines.slice(0, -1)) || !isGood(lines)).toBe(true);
    }),
  );
});
