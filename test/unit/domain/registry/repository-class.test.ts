import {
  classifyRepository,
  isBelow,
  isRepositoryName,
} from '../../../../src/domain/registry/repository-class';

describe('isRepositoryName', () => {
  it.each(['a', 'apps/checkout/web', 'a.b_c__d-e--f/0', 'a'.repeat(255)])('takes %s', (name) => {
    expect(isRepositoryName(name)).toBe(true);
  });

  it.each([
    '',
    '/',
    'a/',
    '/a',
    'a//b',
    'A',
    'a..b',
    'a___b',
    'a.',
    '.a',
    'a b',
    'a%2fb',
    'ä',
    'a\n',
    'a'.repeat(256),
  ])('refuses %j', (name) => {
    expect(isRepositoryName(name)).toBe(false);
  });
});

describe('isBelow', () => {
  it('is the prefix itself and what is under it, not what begins alike', () => {
    expect(isBelow('scratch', 'scratch')).toBe(true);
    expect(isBelow('scratch/a/b', 'scratch')).toBe(true);
    expect(isBelow('scratchpad', 'scratch')).toBe(false);
    expect(isBelow('scratchpad/a', 'scratch')).toBe(false);
  });
});

describe('classifyRepository', () => {
  it.each([
    ['apps/checkout/web', { kind: 'app', svc: 'checkout', name: 'web' }],
    ['charts/checkout', { kind: 'chart', svc: 'checkout' }],
    ['channels/prod/checkout', { kind: 'channel', env: 'prod', svc: 'checkout' }],
    ['bases/debian/static', { kind: 'base' }],
    ['mirror/trivy-db', { kind: 'mirror' }],
    ['scratch/ci/1', { kind: 'open', prefix: 'scratch' }],
    ['apps/checkout', { kind: 'unknown' }],
    ['apps/a/b/c', { kind: 'unknown' }],
    ['charts/a/b', { kind: 'unknown' }],
    ['channels/prod', { kind: 'unknown' }],
    ['bases', { kind: 'unknown' }],
    ['elsewhere', { kind: 'unknown' }],
  ])('%s', (repository, expected) => {
    expect(classifyRepository(repository, ['scratch'])).toEqual(expected);
  });

  it.each(['apps', 'charts', 'channels', 'bases', 'mirror'])('can not be opened: %s', (root) => {
    expect(classifyRepository(`${root}/a/b`, [root, `${root}/a`]).kind).not.toBe('open');
  });
});
