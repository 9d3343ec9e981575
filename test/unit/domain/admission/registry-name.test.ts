import { judgeRegistryName } from '../../../../src/domain/admission/registry-name';

const OURS = ['registry.example:5080', 'registry.alias'];

it.each(OURS)('takes every name of ours: %s', (host) => {
  expect(judgeRegistryName(host, OURS)).toBeNull();
});

it.each([
  [
    'evil.example',
    'The registry evil.example is not ours: write ours in its place: registry.example:5080 or registry.alias.',
  ],
  [
    'registry.example',
    'The registry registry.example is not ours: write ours in its place: registry.example:5080 or registry.alias.',
  ],
  [
    null,
    'It names no registry, which means Docker Hub: write ours before it: registry.example:5080 or registry.alias.',
  ],
])('refuses %s, and says what to write', (host, message) => {
  expect(judgeRegistryName(host, OURS)).toEqual({ rule: 'registry-name', message });
});
