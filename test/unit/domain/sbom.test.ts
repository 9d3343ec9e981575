import { judgeSbom } from '../../../src/domain/sbom';
import type { Json } from '../../../src/domain/verdict';
import { fakeSbom } from '../../support/fakes/scanner';

const subject = `sha256:${'a'.repeat(64)}` as const;
const other = `sha256:${'b'.repeat(64)}` as const;
const good = JSON.parse(fakeSbom({ repository: 'apps/a/a', digest: subject }).toString()) as Record<
  string,
  Json
>;
const judge = (document: Json | null, schemaErrors: readonly string[] = []): unknown =>
  judgeSbom({ subject, document, schemaErrors, documentDigest: 'sha256:cc' });

describe('judgeSbom', () => {
  it('passes an SBOM that is about the image and lists components', () => {
    expect(judge(good)).toMatchObject({
      gate: 'sbom',
      outcome: 'pass',
      evidence: { document: 'sha256:cc', components: 1, specVersion: '1.6' },
    });
  });

  it.each([
    ['is not JSON', null, /not JSON/],
    ['lists nothing', { ...good, components: [] }, /no components/],
    ['has no list', { ...good, components: 'many' }, /no components/],
    ['does not say what it is about', { ...good, metadata: {} }, /metadata\.component/],
    ['is a list', [good], /no components/],
  ])('fails one that %s', (_, document, reason) => {
    expect(judge(document)).toMatchObject({
      outcome: 'fail',
      reasons: expect.arrayContaining([expect.stringMatching(reason)]) as unknown,
    });
  });

  it.each([`apps/a/a@${other}`, `pkg:oci/a@${other.replace(':', '%3A')}?arch=amd64`])(
    'fails one that is about another digest: %s',
    (name) => {
      expect(judge({ ...good, metadata: { component: { name } } })).toMatchObject({
        outcome: 'fail',
        reasons: [expect.stringContaining('not about')],
      });
    },
  );

  it('fails one that breaks its schema, with the reason', () => {
    expect(judge(good, ['/components must be array'])).toMatchObject({
      outcome: 'fail',
      reasons: ['The SBOM is not CycloneDX: /components must be array.'],
    });
  });
});
