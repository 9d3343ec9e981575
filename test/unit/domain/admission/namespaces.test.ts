import {
  anyNamespaceOf,
  environmentOf,
  isNamespacePattern,
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

describe('anyNamespaceOf', () => {
  it.each([
    ['an exact name', ['*-prod', 'prod'], 'prod'],
    ['what a pattern takes', ['*-prod'], '-prod'],
    ['nothing where there is none', [], null],
  ])('names %s', (_what, prod, expected) => {
    const namespaces = { ...NAMESPACES, prod };

    const name = anyNamespaceOf('prod', namespaces);

    expect(name).toBe(expected);
    if (name !== null) expect(environmentOf(name, namespaces)).toBe('prod');
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
