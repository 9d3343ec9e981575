import { slsaErrors } from '../../../../src/contract/schema/slsa';

const good = {
  buildDefinition: {
    buildType: 'https://example.test/type',
    externalParameters: {},
    resolvedDependencies: [{ uri: 'pkg:docker/a', digest: { sha256: 'aa' } }],
  },
  runDetails: {
    builder: { id: 'https://example.test/builder' },
    metadata: { startedOn: '2026-01-01T00:00:00.123456789Z' },
  },
};

describe('slsaErrors', () => {
  it('finds nothing wrong with a predicate of the specification, extensions included', () => {
    expect(slsaErrors(good)).toEqual([]);
    expect(slsaErrors({ ...good, extension: { any: 1 } })).toEqual([]);
  });

  it.each([
    ['nothing', null, /predicate/],
    ['an empty object', {}, /buildDefinition/],
    ['no builder', { ...good, runDetails: {} }, /runDetails\.builder/],
    ['an empty builder id', { ...good, runDetails: { builder: { id: '' } } }, /builder\.id/],
    [
      'no external parameters',
      { ...good, buildDefinition: { buildType: 'x' } },
      /externalParameters/,
    ],
    [
      'a dependency that names nothing',
      { ...good, buildDefinition: { ...good.buildDefinition, resolvedDependencies: [{}] } },
      /resolvedDependencies\.0: needs uri/,
    ],
    [
      'a time that is none',
      { ...good, runDetails: { ...good.runDetails, metadata: { startedOn: 'today' } } },
      /startedOn/,
    ],
  ])('names what is wrong with %s', (_, predicate, error) => {
    expect(slsaErrors(predicate).join('\n')).toMatch(error);
  });
});
