import fc from 'fast-check';
import {
  judgeKey,
  singleKeyRing,
  versionsOf,
  type KeyRing,
  type KeyVersion,
} from '../../../src/domain/keys';
import { keysAt } from '../../support/keys-at';

const NOW = new Date('2026-06-15T12:00:00Z');

function keyVersion(changes: Partial<KeyVersion> = {}): KeyVersion {
  return {
    version: '1',
    publicKey: 'PEM 1',
    notBefore: null,
    notAfter: null,
    revocation: null,
    ...changes,
  };
}

const bounded = keyVersion({ notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-06-01T00:00:00Z' });
const revoked = (revokedAt: string, trustedBefore: string | null): KeyVersion =>
  keyVersion({ revocation: { revokedAt, trustedBefore } });

describe('a signature counts', () => {
  it.each<[string, KeyVersion, string | null]>([
    ['by a key without bounds, of unknown age', keyVersion(), null],
    ['by a key that is valid now, of unknown age', { ...bounded, notAfter: null }, null],
    [
      'by a key in its overlap, of unknown age',
      { ...bounded, notAfter: '2026-07-01T00:00:00Z' },
      null,
    ],
    ['by a former key, seen while it was valid', bounded, '2026-03-01T00:00:00Z'],
    ['by a former key, seen as its overlap ends', bounded, '2026-06-01T00:00:00Z'],
    ['by a key that another clock made valid a moment later', bounded, '2025-12-31T23:59:30Z'],
    [
      'by a revoked key, seen before it was compromised',
      revoked('2026-06-10T00:00:00Z', '2026-06-01T00:00:00Z'),
      '2026-05-31T23:59:59Z',
    ],
    ['by a key that will be revoked', revoked('2026-07-01T00:00:00Z', null), null],
  ])('%s', (_case, version, seenAt) => {
    expect(judgeKey(version, { seenAt, now: NOW })).toEqual({ good: true });
  });
});

describe('a signature does not count', () => {
  it.each<[string, KeyVersion, string | null, string]>([
    ['by a former key, of unknown age', bounded, null, 'counted until'],
    ['by a former key, seen after its overlap', bounded, '2026-06-01T00:00:01Z', 'counted until'],
    ['by a former key, with a record from the future', bounded, '2027-01-01T00:00:00Z', 'until'],
    ['by a key seen before it was made', bounded, '2025-12-01T00:00:00Z', 'counts from'],
    [
      'by a key that is only made known yet',
      keyVersion({ notBefore: '2026-06-15T12:01:01Z' }),
      null,
      'counts from',
    ],
    ['by a revoked key, of unknown age', revoked('2026-06-10T00:00:00Z', null), null, 'revoked'],
    [
      'by a revoked key that was trusted once, of unknown age',
      revoked('2026-06-10T00:00:00Z', '2026-06-01T00:00:00Z'),
      null,
      'no record shows',
    ],
    [
      'by a revoked key, however early it was seen, when nobody knows since when it leaked',
      revoked('2026-06-10T00:00:00Z', null),
      '2026-01-01T00:00:00Z',
      'revoked',
    ],
    [
      'by a revoked key, seen between compromise and revocation',
      revoked('2026-06-10T00:00:00Z', '2026-06-01T00:00:00Z'),
      '2026-06-05T00:00:00Z',
      'not trusted since',
    ],
    [
      'by a revoked key, seen after revocation, whatever is said of the compromise',
      revoked('2026-06-10T00:00:00Z', '2026-12-01T00:00:00Z'),
      '2026-06-11T00:00:00Z',
      'not trusted since',
    ],
    [
      'by a revoked key, in the moment of compromise',
      revoked('2026-06-10T00:00:00Z', '2026-06-01T00:00:00Z'),
      '2026-06-01T00:00:00Z',
      'not trusted since',
    ],
    ['with a record whose time cannot be read', bounded, 'yesterday', 'counts from'],
    ['by a key whose end cannot be read', keyVersion({ notAfter: 'never' }), null, 'until'],
  ])('%s', (_case, version, seenAt, why) => {
    expect(judgeKey(version, { seenAt, now: NOW })).toEqual({
      good: false,
      why: expect.stringContaining(why) as string,
    });
  });
});

it('never counts more for a revoked key than for the same key unrevoked', () => {
  const day = fc
    .integer({ min: 1, max: 28 })
    .map((n) => `2026-06-${String(n).padStart(2, '0')}T00:00:00Z`);
  const maybe = fc.option(day);
  fc.assert(
    fc.property(maybe, maybe, maybe, day, maybe, (notBefore, notAfter, seenAt, at, before) => {
      const plain = keyVersion({ notBefore, notAfter });
      const called = { ...plain, revocation: { revokedAt: at, trustedBefore: before } };
      const age = { seenAt, now: NOW };

      expect(judgeKey(called, age).good && !judgeKey(plain, age).good).toBe(false);
    }),
  );
});

describe('a key ring', () => {
  const ring: KeyRing = {
    keyId: 'release/eu-west-1',
    current: keyVersion({ version: '3', notBefore: '2026-06-01T00:00:00Z' }),
    others: [
      keyVersion({
        version: '2',
        notBefore: '2026-03-01T00:00:00Z',
        notAfter: '2026-06-20T00:00:00Z',
      }),
      keyVersion({ version: '1', notAfter: '2026-04-01T00:00:00Z' }),
    ],
  };

  it.each<[string | null, string[]]>([
    [null, ['3', '2']],
    ['2026-06-10T00:00:00Z', ['3', '2']],
    ['2026-05-01T00:00:00Z', ['2']],
    ['2026-03-15T00:00:00Z', ['2', '1']],
    ['2026-02-01T00:00:00Z', ['1']],
  ])('holds for a signature seen at %s the versions %s', (seenAt, versions) => {
    const held = keysAt(ring, { seenAt, now: NOW });

    expect(held.map((one) => one.version)).toEqual(versions);
  });

  it('of a key that was never rotated has one version, always valid', () => {
    const single = singleKeyRing('bases', 'PEM');

    expect(versionsOf(single)).toEqual([keyVersion({ publicKey: 'PEM' })]);
    expect(keysAt(single, { seenAt: null, now: new Date(0) })).toHaveLength(1);
  });
});
