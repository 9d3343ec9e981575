import type { Principal } from '../../../../src/domain/registry/principal';
import type { Ruling } from '../../../../src/domain/registry/refusal';
import { classifyRepository } from '../../../../src/domain/registry/repository-class';
import {
  isPrereleaseTag,
  isTag,
  judgeTagPut,
  judgeWriter,
  natureOf,
  tagTaken,
} from '../../../../src/domain/registry/tag-rules';

const HEX = 'a'.repeat(64);
const OPEN = ['scratch'];

function principal(kind: Principal['kind']): Principal {
  return { name: kind, kind, scopes: [] };
}

function ruleOf(ruling: Ruling): string {
  return ruling.allowed ? 'allowed' : ruling.refusal.rule;
}

function judged(repository: string, tag: string): string {
  return ruleOf(
    judgeTagPut({
      repository: classifyRepository(repository, OPEN),
      tag,
      principal: principal('system'),
    }),
  );
}

describe('isTag', () => {
  it.each(['a', '_a', 'A.b-c_d', 'a'.repeat(128)])('takes %s', (tag) => {
    expect(isTag(tag)).toBe(true);
  });

  it.each(['', '.a', '-a', 'a/b', 'a:b', 'a+b', 'a b', 'ä', 'a\n', 'a'.repeat(129)])(
    'refuses %j',
    (tag) => {
      expect(isTag(tag)).toBe(false);
    },
  );
});

describe('judgeTagPut', () => {
  it.each([
    '1.4.0_3f2a91c',
    '0.0.1_abcdef123456',
    '1.4.0-branch.7_3f2a91c',
    `1.0.0_${'a'.repeat(40)}`,
  ])('takes %s in an app', (tag) => {
    expect(judged('apps/checkout/web', tag)).toBe('allowed');
  });

  it.each([
    '1.4.0',
    'v1.4.0_3f2a91c',
    '1.4_3f2a91c',
    '01.4.0_3f2a91c',
    '1.4.0_3f2a91',
    '1.4.0_3F2A91C',
    '1.4.0_3f2a91g',
    '1.4.0_',
    '_3f2a91c',
    `1.0.0_${'a'.repeat(41)}`,
    'main',
  ])('refuses %s in an app', (tag) => {
    expect(judged('apps/checkout/web', tag)).toBe('app-tag-grammar');
  });

  it.each([
    ['1.4.0', 'allowed'],
    ['1.4.0-rc.1', 'allowed'],
    ['1.4.0_build.7', 'allowed'],
    ['1.4', 'chart-tag-grammar'],
    ['v1.4.0', 'chart-tag-grammar'],
    ['1.4.0_a_b', 'chart-tag-grammar'],
    ['1.4.0_', 'chart-tag-grammar'],
  ])('charts/checkout:%s is %s', (tag, rule) => {
    expect(judged('charts/checkout', tag)).toBe(rule);
  });

  it.each([
    ['channels/prod/checkout', 'stable', 'allowed'],
    ['channels/prod/checkout', 'candidate', 'allowed'],
    ['channels/prod/checkout', '1.0.0_abcdef1', 'channel-tag'],
    ['bases/static', '13.1_20261124', 'allowed'],
    ['bases/static', '13.1', 'base-tag-grammar'],
    ['mirror/trivy-db', '2', 'allowed'],
    ['scratch/x', 'anything-goes', 'allowed'],
  ])('%s:%s is %s', (repository, tag, rule) => {
    expect(judged(repository, tag)).toBe(rule);
  });

  it.each([
    'apps/checkout/web',
    'charts/checkout',
    'channels/prod/checkout',
    'bases/static',
    'mirror/x',
    'scratch/x',
  ])('refuses latest in %s, however it is spelt', (repository) => {
    expect(judged(repository, 'latest')).toBe('no-latest');
    expect(judged(repository, 'LATEST')).toBe('no-latest');
  });

  it.each([`sha256-${HEX}`, `sha256-${HEX}.sig`, `sha256-${HEX}.att`, `sha256-${HEX}.sbom`])(
    'takes %s everywhere',
    (tag) => {
      expect(judged('apps/checkout/web', tag)).toBe('allowed');
      expect(judged('charts/checkout', tag)).toBe('allowed');
    },
  );

  it.each([`sha256-${HEX}.exe`, `sha256-${HEX}x`, `sha256-${'a'.repeat(63)}`])(
    'takes %s for no companion',
    (tag) => {
      expect(judged('apps/checkout/web', tag)).toBe('app-tag-grammar');
    },
  );

  it('answers the name of a rule and what to do', () => {
    const ruling = judgeTagPut({
      repository: classifyRepository('apps/checkout/web', OPEN),
      tag: 'main',
      principal: principal('robot'),
    });

    expect(ruling).toMatchObject({
      refusal: { code: 'TAG_INVALID', remedy: expect.stringContaining('1.4.0_3f2a91c') as string },
    });
  });
});

describe('natureOf', () => {
  it.each([
    ['apps/checkout/web', '1.0.0_abcdef1', 'write-once'],
    ['charts/checkout', '1.0.0', 'write-once'],
    ['bases/static', '13.1_20261124', 'write-once'],
    ['channels/prod/checkout', 'stable', 'moving'],
    ['mirror/x', '1', 'moving'],
    ['scratch/x', '1', 'moving'],
    ['apps/checkout/web', `sha256-${HEX}`, 'referrers'],
    ['scratch/x', `sha256-${HEX}`, 'referrers'],
    ['apps/checkout/web', `sha256-${HEX}.sig`, 'companion'],
  ])('%s:%s is %s', (repository, tag, nature) => {
    expect(natureOf(classifyRepository(repository, OPEN), tag)).toBe(nature);
  });
});

describe('isPrereleaseTag', () => {
  it.each([
    ['1.0.0_abcdef1', false],
    ['1.0.0-branch.7_abcdef1', true],
    ['1.0.0-branch', false],
    ['x-y_abcdef1', false],
  ])('%s: %s', (tag, expected) => {
    expect(isPrereleaseTag(tag)).toBe(expected);
  });
});

describe('judgeWriter', () => {
  it.each([
    ['apps/checkout/web', 'robot', 'allowed'],
    ['charts/checkout', 'robot', 'allowed'],
    ['scratch/x', 'robot', 'allowed'],
    ['channels/prod/checkout', 'system', 'allowed'],
    ['channels/prod/checkout', 'robot', 'channels-by-system-only'],
    ['channels/prod/checkout', 'custodian', 'channels-by-system-only'],
    ['channels/prod/checkout', 'observer', 'channels-by-system-only'],
    ['channels/prod/checkout', 'anonymous', 'channels-by-system-only'],
    ['bases/static', 'custodian', 'allowed'],
    ['bases/static', 'system', 'allowed'],
    ['bases/static', 'robot', 'bases-by-custodian-only'],
    ['mirror/x', 'robot', 'bases-by-custodian-only'],
    ['elsewhere/x', 'system', 'unknown-namespace'],
    ['apps/checkout', 'robot', 'unknown-namespace'],
    ['channels/prod', 'system', 'unknown-namespace'],
  ] as const)('%s by %s: %s', (repository, kind, rule) => {
    expect(ruleOf(judgeWriter(classifyRepository(repository, OPEN), principal(kind)))).toBe(rule);
  });
});

describe('tagTaken', () => {
  it('is a conflict that says who has the tag, with what and since when', () => {
    const holder = { digest: `sha256:${HEX}`, by: 'builder', at: '2026-11-24T12:00:00Z' };

    expect(tagTaken('apps/checkout/web:1.0.0_abcdef1', holder)).toMatchObject({
      code: 'DENIED',
      status: 409,
      rule: 'tag-write-once',
      message: expect.stringMatching(/builder at 2026-11-24T12:00:00Z with sha256:a+/) as string,
      detail: { digest: holder.digest },
    });
  });
});
