import fc from 'fast-check';
import {
  environmentOf,
  isNamespacePattern,
  matchesNamespace,
} from '../../../../src/domain/admission/namespaces';

const NAMESPACES = {
  dev: ['dev', 'dev-*', 'prod-like'],
  stg: ['stg-*', 'shop-*'],
  prod: ['prod', 'prod-*', '*-prod'],
};

describe('environmentOf', () => {
  it.each([
    ['a name', 'prod', 'prod'],
    ['a pattern with a prefix', 'dev-shop', 'dev'],
    ['a pattern with a suffix', 'cart-prod', 'prod'],
    ['a name before a stricter pattern', 'prod-like', 'dev'],
    ['the strictest of patterns', 'dev-prod', 'prod'],
    ['the strictest of patterns, whatever their order', 'shop-prod', 'prod'],
    ['the other pattern', 'shop-x', 'stg'],
    ['none', 'kube-system', null],
    ['none for part of a name', 'production', null],
    ['none for what a suffix needs', '-pro', null],
  ])('knows %s', (_name, namespace, expected) => {
    expect(environmentOf(namespace, NAMESPACES)).toBe(expected);
  });

  it('knows none without patterns', () => {
    expect(environmentOf('prod', { dev: [], stg: [], prod: [] })).toBeNull();
  });
});

describe('matchesNamespace', () => {
  it.each([
    ['a', 'a', true],
    ['a', 'ab', false],
    ['*', '', true],
    ['*', 'anything', true],
    ['a*', 'a', true],
    ['*a', 'a', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'axbxc', true],
    ['a*b*c', 'acb', false],
    ['*ab*ab', 'xabab', true],
    ['*ab*ab', 'xab', false],
    ['a**b', 'ab', true],
  ])('%s, %s: %s', (pattern, namespace, expected) => {
    expect(matchesNamespace(pattern, namespace)).toBe(expected);
  });

  it('agrees with a regular expression', () => {
    const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });

    fc.assert(
      fc.property(patterns, names, (pattern, namespace) => {
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(namespace);

        expect(matchesNamespace(pattern, namespace)).toBe(expected);
      }),
    );
  });
});

describe('isNamespacePattern', () => {
  it.each([
    ['shop-prod', true],
    ['shop-*', true],
    ['*', true],
    ['-shop', false],
    ['Shop', false],
    ['shop.prod', false],
    ['sho?', false],
    ['', false],
    ['a'.repeat(64), false],
  ])('%j: %s', (text, expected) => {
    expect(isNamespacePattern(text)).toBe(expected);
  });
});
