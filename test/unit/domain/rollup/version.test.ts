import { assert, integer, property, tuple } from 'fast-check';
import { compare } from 'semver';
import { rebuildVersion } from '../../../../src/domain/rollup/version';

const NOVEMBER = '2026-11-30T03:00:00.000Z';
const DECEMBER = '2026-12-30T03:00:00.000Z';

it.each([
  ['1.4.2', 1, '1.4.3-base.20261130'],
  ['1.4.2', 2, '1.4.3-base.20261130.2'],
  ['0.0.0', 1, '0.0.1-base.20261130'],
  ['1.5.0-rc.1', 1, '1.5.0-rc.1.base.20261130'],
  ['1.4.3-base.20261030', 1, '1.4.3-base.20261130'],
  ['1.4.3-base.20261030.2', 1, '1.4.3-base.20261130'],
  ['1.5.0-rc.1.base.20261030', 3, '1.5.0-rc.1.base.20261130.3'],
  ['1.4.3-base.word', 1, '1.4.3-base.word.base.20261130'],
])('names rebuild of %s, number %d, %s', (stable, number, version) => {
  expect(rebuildVersion(stable, NOVEMBER, number)).toBe(version);
});

it('has none where it would be too long for a tag', () => {
  expect(rebuildVersion(`1.0.0-${'x'.repeat(50)}`, NOVEMBER, 1)).toBeNull();
});

it('sorts after the stable version and its earlier rebuilds, before the next patch', () => {
  const part = integer({ min: 0, max: 999 });
  assert(
    property(tuple(part, part, part), ([major, minor, patch]) => {
      const stable = `${major}.${minor}.${patch}`;
      const first = rebuildVersion(stable, NOVEMBER, 1) ?? '';
      const second = rebuildVersion(stable, NOVEMBER, 2) ?? '';
      const later = rebuildVersion(second, DECEMBER, 1) ?? '';
      const order = [stable, first, second, later, `${major}.${minor}.${patch + 1}`];
      expect([...order].sort(compare)).toEqual(order);
    }),
  );
});

it('sorts after a pre-release and before the next one', () => {
  const rebuilt = rebuildVersion('1.5.0-rc.1', NOVEMBER, 1) ?? '';
  const order = ['1.5.0-rc.1', rebuilt, '1.5.0-rc.2', '1.5.0'];

  expect([...order].sort(compare)).toEqual(order);
});
