import type { Digest } from '../../../src/domain/digest';
import { chooseRollbackTarget, type RollbackFacts } from '../../../src/domain/rollback';

const digest = (letter: string): Digest => `sha256:${letter.repeat(64)}`;
const [A, B, C, X] = [digest('a'), digest('b'), digest('c'), digest('f')];
const NOW = Date.parse('2026-03-01T12:00:00Z');

function facts(overrides: Partial<RollbackFacts> = {}): RollbackFacts {
  return { svc: 'shop', current: C, past: [B, A], bad: [], nowMs: NOW, ...overrides };
}

const KEY = { svc: 'shop', from: C, to: B, expiresAt: '2026-03-02T12:00:00Z', usedAt: null };

describe('chooseRollbackTarget', () => {
  it.each([
    ['the newest before', facts(), B],
    ['one before the bad one', facts({ bad: [B] }), A],
    ['none that is stable now', facts({ past: [C, A] }), A],
  ])('takes %s as the previous', (_, given, to) => {
    expect(chooseRollbackTarget({ kind: 'previous' }, given)).toEqual({
      chosen: true,
      from: C,
      to,
    });
  });

  it('takes a named digest that was stable', () => {
    expect(chooseRollbackTarget({ kind: 'digest', digest: A }, facts())).toMatchObject({ to: A });
  });

  it('takes a named digest in place of the one that is stable', () => {
    const choice = chooseRollbackTarget({ kind: 'digest', digest: A, from: C }, facts());

    expect(choice).toEqual({ chosen: true, from: C, to: A });
  });

  it('takes what a good key goes back to', () => {
    expect(chooseRollbackTarget({ kind: 'revert-key', key: KEY }, facts())).toMatchObject({
      to: B,
    });
  });

  it.each([
    ['nothing stable', { kind: 'previous' }, facts({ current: null }), 'NO_ROLLBACK_TARGET'],
    ['nothing before', { kind: 'previous' }, facts({ past: [] }), 'NO_ROLLBACK_TARGET'],
    ['only bad ones', { kind: 'previous' }, facts({ bad: [A, B] }), 'NO_ROLLBACK_TARGET'],
    ['the current', { kind: 'digest', digest: C }, facts(), 'NO_ROLLBACK_TARGET'],
    ['one never stable', { kind: 'digest', digest: X }, facts(), 'NO_ROLLBACK_TARGET'],
    ['a bad one', { kind: 'digest', digest: A }, facts({ bad: [A] }), 'BAD_DIGEST'],
    [
      'one in place of another',
      { kind: 'digest', digest: A, from: B },
      facts(),
      'NO_ROLLBACK_TARGET',
    ],
    ['no key', { kind: 'revert-key', key: null }, facts(), 'REVERT_KEY_INVALID'],
    [
      'a key of another service',
      { kind: 'revert-key', key: { ...KEY, svc: 'cart' } },
      facts(),
      'REVERT_KEY_INVALID',
    ],
    [
      'a used key',
      { kind: 'revert-key', key: { ...KEY, usedAt: '2026-03-01T00:00:00Z' } },
      facts(),
      'REVERT_KEY_INVALID',
    ],
    [
      'a key that expires now',
      { kind: 'revert-key', key: { ...KEY, expiresAt: '2026-03-01T12:00:00Z' } },
      facts(),
      'REVERT_KEY_INVALID',
    ],
    [
      'a key of an older pin',
      { kind: 'revert-key', key: { ...KEY, from: A } },
      facts(),
      'REVERT_KEY_INVALID',
    ],
    ['a key to a bad one', { kind: 'revert-key', key: KEY }, facts({ bad: [B] }), 'BAD_DIGEST'],
  ] as const)('refuses %s', (_, wanted, given, code) => {
    expect(chooseRollbackTarget(wanted, given)).toMatchObject({ chosen: false, code });
  });
});
