import { CYCLONEDX_VERSIONS, cyclonedxErrors } from '../../../../src/contract/schema/cyclonedx';
import { fakeSbom } from '../../../support/fakes/scanner';

const good = JSON.parse(
  fakeSbom({ repository: 'apps/a/a', digest: `sha256:${'a'.repeat(64)}` }).toString(),
) as Record<string, unknown>;

describe('cyclonedxErrors', () => {
  it.each(CYCLONEDX_VERSIONS)('accepts a small document of version %s', (specVersion) => {
    expect(cyclonedxErrors({ ...good, specVersion })).toEqual([]);
  });

  it.each([
    ['a component of no known type', { ...good, components: [{ type: 'x', name: 'a' }] }, /type/],
    ['a component without a name', { ...good, components: [{ type: 'library' }] }, /name/],
    ['components that are no list', { ...good, components: 'many' }, /\/components must be array/],
    ['an unknown version', { ...good, specVersion: '9.9' }, /specVersion/],
    ['another format', { ...good, bomFormat: 'SPDX' }, /bomFormat/],
    ['a text', 'SBOM', /expected object/i],
  ])('refuses %s', (_, document, error) => {
    expect(cyclonedxErrors(document).join('\n')).toMatch(error);
  });
});
