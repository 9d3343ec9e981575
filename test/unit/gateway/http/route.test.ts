import fc from 'fast-check';
import { isRepositoryName } from '../../../../src/domain/registry/repository-class';
import { Refused } from '../../../../src/gateway/http/refused';
import { parseTarget } from '../../../../src/gateway/http/route';

const HEX = 'a'.repeat(64);

function outcome(target: string): ReturnType<typeof parseTarget> | Refused {
  try {
    return parseTarget(target);
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,4})?$/);
const repository = fc
  .array(component, { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join('/'));
const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}$/);
const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);

describe('parseTarget', () => {
  it('reads each endpoint of the spec back as it was written', () => {
    fc.assert(
      fc.property(repository, tag, digest, (name, oneTag, oneDigest) => {
        expect(outcome(`/v2/${name}/manifests/${oneTag}`)).toMatchObject({
          route: { kind: 'manifest', repository: name, reference: { kind: 'tag', tag: oneTag } },
        });
        expect(outcome(`/v2/${name}/manifests/${oneDigest}`)).toMatchObject({
          route: { kind: 'manifest', repository: name, reference: { digest: oneDigest } },
        });
        expect(outcome(`/v2/${name}/blobs/${oneDigest}`)).toMatchObject({
          route: { kind: 'blob', repository: name, digest: oneDigest },
        });
        expect(outcome(`/v2/${name}/referrers/${oneDigest}?artifactType=x`)).toMatchObject({
          route: { kind: 'referrers', repository: name, digest: oneDigest },
        });
        expect(outcome(`/v2/${name}/_plura/evidence/${oneDigest}`)).toMatchObject({
          route: { kind: 'evidence', repository: name, digest: oneDigest },
        });
        expect(outcome(`/v2/${name}/blobs/uploads/`)).toMatchObject({
          route: { kind: 'uploads', repository: name },
        });
        expect(outcome(`/v2/${name}/tags/list`)).toMatchObject({
          route: { kind: 'tags', repository: name },
        });
      }),
    );
  });

  it.each([
    ['an escape', `/v2/a/manifests%2Fb/blobs/sha256:${HEX}`],
    ['an escaped dot', '/v2/%2e%2e/a/manifests/1'],
    ['a double slash', '/v2//a/manifests/1'],
    ['a slash at the end of the name', '/v2/a//manifests/1'],
    ['dots as a component', '/v2/../a/manifests/1'],
    ['capitals in the name', '/v2/Apps/a/manifests/1'],
    ['capitals in the digest', `/v2/a/blobs/sha256:${'A'.repeat(64)}`],
    ['another algorithm', `/v2/a/manifests/sha512:${'a'.repeat(128)}`],
    ['a digest in capitals', `/v2/a/manifests/SHA256:${HEX}`],
    ['the absolute form', 'http://registry.test/v2/'],
    ['the authority form', 'registry.test:443'],
    ['the asterisk form', '*'],
    ['a backslash', '/v2/a\\b/manifests/1'],
    ['a fragment', '/v2/#/manifests/1'],
    ['a semicolon', '/v2/a;b/manifests/1'],
    ['a second question mark', '/v2/a/manifests/1?x?y'],
    ['a trailing slash after the tag', '/v2/a/manifests/1/'],
    ['nothing after manifests', '/v2/a/manifests/'],
    ['a target that is too long', `/v2/${'a/'.repeat(5000)}manifests/1`],
    ['a name that is too long', `/v2/${'a'.repeat(256)}/manifests/1`],
    ['an upload that is no name', '/v2/a/blobs/uploads/..'],
    ['an upload of one dot', '/v2/a/blobs/uploads/.'],
    ['an upload that starts with a sign', '/v2/a/blobs/uploads/='],
    ['no version', '/v1/a/manifests/1'],
    ['a property of every object', '/constructor'],
    ['an empty target', ''],
  ])('refuses %s', (_what, target) => {
    const found = outcome(target);

    expect(found).toBeInstanceOf(Refused);
    expect((found as Refused).status).toBeGreaterThanOrEqual(400);
    expect((found as Refused).status).toBeLessThan(500);
  });

  it('answers anything at all with a route or a 4xx, and never reads two ways', () => {
    const pieces = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        '/',
        '//',
        '..',
        '%2f',
        '%2F',
        '?',
        '#',
        '\\',
        ':',
        '@',
        ' ',
        '\0',
        'v2',
        '/v2/',
      ),
      fc.constantFrom('manifests', 'blobs', 'uploads', 'tags', 'list', 'referrers', 'sha256:', HEX),
      component,
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const target = parts.join('');
        const found = outcome(target);
        if (found instanceof Refused) {
          expect(found.status).toBeGreaterThanOrEqual(400);
          expect(found.status).toBeLessThan(500);
          return;
        }
        const [path = ''] = target.split('?');
        if ('repository' in found.route) {
          expect(isRepositoryName(found.route.repository)).toBe(true);
          expect(path.startsWith(`/v2/${found.route.repository}/`)).toBe(true);
        }
        // What a server behind us would make of the same path after cleaning it up is the same path.
        expect(new URL(path, 'http://backend').pathname).toBe(path);
      }),
      { numRuns: 2000 },
    );
  });
});
