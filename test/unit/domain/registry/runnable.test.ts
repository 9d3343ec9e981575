import { isRunnable } from '../../../../src/domain/registry/runnable';

it.each<[string, Parameters<typeof isRunnable>[0], boolean]>([
  ['an image of a platform', { platform: { os: 'linux', architecture: 'arm64' } }, true],
  ["BuildKit's attestations", { platform: { os: 'unknown', architecture: 'unknown' } }, false],
  ['a child that names no platform', {}, true],
  ['a child whose platform is null', { platform: null }, true],
  ['an unknown system alone', { platform: { os: 'unknown', architecture: 'amd64' } }, true],
  ['an unknown architecture alone', { platform: { os: 'linux', architecture: 'unknown' } }, true],
  ['an unknown system without an architecture', { platform: { os: 'unknown' } }, true],
])('tells what a node may run from what stands beside it: %s', (_what, child, expected) => {
  expect(isRunnable(child)).toBe(expected);
});
