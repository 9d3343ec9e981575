import { announceKey, revokeVersion, switchKey } from '../../../src/domain/key-rotation';
import {
  singleKeyRing,
  versionsOf,
  type KeyRevocation,
  type KeyRing,
} from '../../../src/domain/keys';

const NOW = new Date('2026-06-01T00:00:00Z');
const LATER = new Date('2026-07-01T00:00:00Z');
const DAY_MS = 86_400_000;

const single = singleKeyRing('bases', 'PEM 1');
const rotated = (): KeyRing => switchKey(announceKey(single, 'PEM 2', NOW), 'PEM 2', NOW, DAY_MS);

describe('a key that is announced', () => {
  it('verifies beside the one that signs, from now on', () => {
    const ring = announceKey(single, 'PEM 2', NOW);

    expect(ring.current).toEqual(single.current);
    expect(ring.others).toMatchObject([
      { version: '2', publicKey: 'PEM 2', notBefore: NOW.toISOString(), notAfter: null },
    ]);
  });

  it('is announced once', () => {
    const ring = announceKey(single, 'PEM 2', NOW);

    expect(announceKey(ring, 'PEM 2', LATER)).toBe(ring);
  });

  it('gets a number that no version had', () => {
    const ring = announceKey(rotated(), 'PEM 3', LATER);

    expect(versionsOf(ring).map((one) => one.version)).toEqual(['2', '1', '3']);
  });
});

describe('a switch', () => {
  it('ends what was not ended, and keeps the ends that were set', () => {
    const ring = switchKey(announceKey(rotated(), 'PEM 3', LATER), 'PEM 3', LATER, DAY_MS);

    expect(ring.current).toMatchObject({ version: '3', notAfter: null });
    expect(ring.others.map(({ version, notAfter }) => [version, notAfter])).toEqual([
      ['2', '2026-07-02T00:00:00.000Z'],
      ['1', '2026-06-02T00:00:00.000Z'],
    ]);
  });

  it('to a key that was not announced changes who signs in no way', () => {
    expect(switchKey(single, 'PEM 9', NOW, DAY_MS)).toEqual(single);
  });
});

describe('a revocation', () => {
  const revocation = { revokedAt: NOW.toISOString(), trustedBefore: null };

  it('is kept at its version alone', () => {
    const result = revokeVersion(rotated(), '1', revocation);

    expect(result).toMatchObject({
      revoked: true,
      ring: { current: { revocation: null }, others: [{ version: '1', revocation }] },
    });
  });

  it.each([
    ['of the version that signs', '2'],
    ['of a version that is not there', '3'],
  ])('%s is refused with a remedy', (_case, version) => {
    expect(revokeVersion(rotated(), version, revocation)).toEqual({
      revoked: false,
      field: 'version',
      why: expect.stringContaining(`version ${version}`) as string,
      remedy: expect.any(String) as string,
    });
  });

  const EARLIER = '2026-05-01T00:00:00.000Z';
  const EARLIEST = '2026-04-01T00:00:00.000Z';
  const later = (trustedBefore: string | null): KeyRevocation => ({
    revokedAt: LATER.toISOString(),
    trustedBefore,
  });
  const standing = (trustedBefore: string | null): KeyRing => {
    const result = revokeVersion(rotated(), '1', { ...revocation, trustedBefore });
    if (!result.revoked) throw new Error(result.why);
    return result.ring;
  };

  it.each([
    ['the same again', null, null],
    ['the same moment again', EARLIER, EARLIER],
    ['an earlier moment', EARLIER, EARLIEST],
    ['no moment any more', EARLIER, null],
  ])('may be repeated and made stricter, as of the first: %s', (_case, before, after) => {
    const result = revokeVersion(standing(before), '1', later(after));

    const expected = { revokedAt: NOW.toISOString(), trustedBefore: after };
    expect(result).toMatchObject({ revoked: true, ring: { others: [{ revocation: expected }] } });
  });

  it.each([
    ['a moment where there was none', null, EARLIER, 'nothing that it signed holds'],
    ['a later moment', EARLIEST, EARLIER, `only what is older than ${EARLIEST} holds`],
  ])('is not made looser: %s', (_case, before, after, standingText) => {
    expect(revokeVersion(standing(before), '1', later(after))).toEqual({
      revoked: false,
      field: 'trustedBefore',
      why: `version 1 was revoked at ${NOW.toISOString()}, and ${standingText}`,
      remedy: expect.stringContaining('never taken back') as string,
    });
  });
});
