import { judgeSource, sourceOf } from '../../../../src/domain/admission/source';
import type { Json } from '../../../../src/domain/verdict';

const fromGit: Json = {
  buildDefinition: { externalParameters: { configSource: { uri: 'https://git.test/shop/web' } } },
};
const sent: Json = {
  buildDefinition: {
    externalParameters: {
      configSource: { path: 'Dockerfile' },
      request: { args: { 'label:org.opencontainers.image.source': 'https://git.test/shop/api' } },
    },
  },
};

it('reads where the build came from, else the label that it was given', () => {
  expect([sourceOf(fromGit), sourceOf(sent), sourceOf(null), sourceOf({})]).toEqual([
    'https://git.test/shop/web',
    'https://git.test/shop/api',
    '',
    '',
  ]);
});

it.each<[string, Json | null, readonly string[], boolean]>([
  ['anything when none is trusted', null, [], true],
  ['a trusted organisation', fromGit, ['https://git.test/shop'], true],
  ['a trusted repository', sent, ['https://git.test/shop/api'], true],
  ['a name that only begins alike', fromGit, ['https://git.test/shop/we'], false],
  ['another host', fromGit, ['https://git.example/'], false],
  ['no source at all', {}, ['https://git.test/'], false],
])('%s', (_what, predicate, trusted, isFine) => {
  expect(judgeSource(predicate, trusted) === null).toBe(isFine);
});
