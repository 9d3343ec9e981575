import { allowedActions, covers, mayDo } from '../../../../src/domain/registry/principal';

describe('covers', () => {
  it.each([
    ['**', 'anything/at/all', true],
    ['apps/checkout/**', 'apps/checkout/web', true],
    ['apps/checkout/**', 'apps/checkout/web/deeper', true],
    ['apps/checkout/**', 'apps/checkout', false],
    ['apps/checkout/**', 'apps/checkout-evil/web', false],
    ['apps/checkout/web', 'apps/checkout/web', true],
    ['apps/checkout/web', 'apps/checkout/web2', false],
    ['apps/checkout/web', 'apps/checkout/web/x', false],
    ['apps/*', 'apps/checkout', false],
    ['', 'apps/checkout', false],
  ])('%s, %s: %s', (pattern, repository, expected) => {
    expect(covers(pattern, repository)).toBe(expected);
  });
});

describe('allowedActions', () => {
  const scopes = [
    { repositories: 'apps/checkout/**', actions: ['pull', 'push'] },
    { repositories: '**', actions: ['pull'] },
  ] as const;

  it('is what any scope allows of what is wanted', () => {
    const wanted = ['pull', 'push', 'delete'] as const;

    expect(allowedActions({ scopes }, 'apps/checkout/web', wanted)).toEqual(['pull', 'push']);
    expect(allowedActions({ scopes }, 'bases/static', wanted)).toEqual(['pull']);
    expect(allowedActions({ scopes: [] }, 'bases/static', wanted)).toEqual([]);
    expect(mayDo({ scopes }, 'apps/checkout/web', 'delete')).toBe(false);
    expect(mayDo({ scopes }, 'apps/checkout/web', 'push')).toBe(true);
  });
});
