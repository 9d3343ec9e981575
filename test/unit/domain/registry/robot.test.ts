import { covers } from '../../../../src/domain/registry/principal';
import {
  isPrivilegedKind,
  isRobotName,
  isSecretValid,
  robotState,
} from '../../../../src/domain/registry/robot';
import { parseGrace, parseLifetime } from '../../../../src/domain/registry/robot-lifetime';
import {
  formatRepositoryScope,
  isScopePattern,
  parseRepositoryScope,
} from '../../../../src/domain/registry/robot-scope';

const NOW = '2026-03-01T12:00:00.000Z';
const NOW_MS = Date.parse(NOW);
const DAY_MS = 86_400_000;

describe('robot names', () => {
  it.each(['ci', 'checkout-ci', 'team.a_b-c', 'a1', 'a'.repeat(63)])('takes %s', (name) => {
    expect(isRobotName(name)).toBe(true);
  });

  it.each([
    '',
    'CI',
    '1ci',
    '-ci',
    'ci-',
    'a--b',
    'a:b',
    'a b',
    'a/b',
    'ci\n',
    'robot$x',
    'anonymous',
    'a'.repeat(64),
  ])('refuses %j', (name) => {
    expect(isRobotName(name)).toBe(false);
  });
});

describe('the life of a robot', () => {
  it.each([
    ['active', null, null],
    ['active', '2026-03-01T12:00:00.001Z', null],
    ['expired', NOW, null],
    ['disabled', null, NOW],
    ['disabled', NOW, NOW],
  ] as const)('is %s with end %s and disabled %s', (state, expiresAt, disabledAt) => {
    expect(robotState({ expiresAt, disabledAt }, NOW_MS)).toBe(state);
  });

  it('lets an old secret work until its end, not at it', () => {
    expect(isSecretValid({ validUntil: null }, NOW_MS)).toBe(true);
    expect(isSecretValid({ validUntil: NOW }, NOW_MS - 1)).toBe(true);
    expect(isSecretValid({ validUntil: NOW }, NOW_MS)).toBe(false);
  });

  it('leaves system robots and custodians to admins', () => {
    const kinds = ['robot', 'system', 'custodian', 'observer'] as const;

    expect(kinds.filter(isPrivilegedKind)).toEqual(['system', 'custodian']);
  });

  it.each([
    ['90d', 90 * DAY_MS],
    ['366d', 366 * DAY_MS],
    ['12h', DAY_MS / 2],
    ['never', null],
  ])('reads the lifetime %s', (text, ms) => {
    expect(parseLifetime(text)).toBe(ms);
  });

  it.each(['0d', '367d', '90', 'd', '-1d', '1.5d', '90 d', '90days', 'Never', '', '9999999d'])(
    'refuses the lifetime %j',
    (text) => {
      expect(() => parseLifetime(text)).toThrow(RangeError);
    },
  );

  it('takes any grace from none to 30 days', () => {
    expect([parseGrace('0s'), parseGrace('24h'), parseGrace('30d')]).toEqual([
      0,
      DAY_MS,
      30 * DAY_MS,
    ]);
    expect(() => parseGrace('31d')).toThrow('at most 30d');
    expect(() => parseGrace('never')).toThrow(RangeError);
  });
});

describe('scopes of robots', () => {
  it.each([
    ['apps/checkout/**:pull,push', 'apps/checkout/**', ['pull', 'push']],
    ['**:*', '**', ['pull', 'push', 'delete']],
    ['charts/checkout:push,pull,push', 'charts/checkout', ['pull', 'push']],
  ])('reads %s', (text, repositories, actions) => {
    expect(parseRepositoryScope(text)).toEqual({ repositories, actions });
  });

  it.each([
    'apps/checkout',
    'apps/checkout:',
    ':pull',
    'apps/**/checkout:pull',
    'apps/*:pull',
    '*:pull',
    '/**:pull',
    'Apps/**:pull',
    'apps//x:pull',
    'apps/x:pull,',
    'apps/x:read',
    'apps/x:pull push',
    'apps/x:PULL',
    'apps/x:pull,*',
  ])('refuses %j', (text) => {
    expect(() => parseRepositoryScope(text)).toThrow(RangeError);
  });

  it('writes what it reads', () => {
    const text = 'apps/checkout/**:pull,push';

    expect(formatRepositoryScope(parseRepositoryScope(text))).toBe(text);
  });

  it('takes the patterns that cover something', () => {
    for (const [pattern, repository] of [
      ['**', 'apps/checkout/checkout'],
      ['apps/**', 'apps/checkout/checkout'],
      ['apps/checkout/checkout', 'apps/checkout/checkout'],
    ] as const) {
      expect(isScopePattern(pattern)).toBe(true);
      expect(covers(pattern, repository)).toBe(true);
    }
  });
});
