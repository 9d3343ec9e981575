import type { Advisory, AdvisoryRange } from '../../../../src/domain/advisories/advisory';
import type { Component } from '../../../../src/domain/advisories/component';
import { matchComponent } from '../../../../src/domain/advisories/match';

function component(space: string, version: string, rest: Partial<Component> = {}): Component {
  return { space, name: 'a', version, purl: 'pkg:x/a', arch: '', products: [], ...rest };
}

function advisory(space: string, range: AdvisoryRange, rest: Partial<Advisory> = {}): Advisory {
  const base = { id: 'CVE-1', space, name: 'a', source: space, severity: 'HIGH' } as const;
  return { ...base, status: 'unknown', range, ...rest };
}

function below(fixed: string | null, rest: object = {}): AdvisoryRange {
  return { kind: 'below', fixed, from: null, arches: null, ...rest };
}

function ranges(vulnerable: readonly string[], rest: object = {}): AdvisoryRange {
  return { kind: 'ranges', vulnerable, patched: [], unaffected: [], ...rest };
}

const NPM = 'npm::GitHub Security Advisory Npm';

describe('matching a package of a distribution', () => {
  it.each(['debian 12', 'ubuntu 22.04', 'alpine 3.22', 'echo', 'Red Hat'])(
    'in %s without a fix is a finding with the status of the vendor',
    (space) => {
      const findings = matchComponent(component(space, '1-r0'), [
        advisory(space, below(null), { status: 'will_not_fix' }),
        advisory(space, below(null), { id: 'CVE-2' }),
      ]);

      expect(findings).toEqual([
        { id: 'CVE-1', severity: 'HIGH', fixedVersion: null, status: 'will_not_fix' },
        { id: 'CVE-2', severity: 'HIGH', fixedVersion: null, status: 'affected' },
      ]);
    },
  );

  it.each(['wolfi', 'chainguard', 'minimos', 'rocky 9', 'alma 9', 'amazon linux 2'])(
    'in %s without a fix is none, since the feed lists fixes only',
    (space) => {
      expect(matchComponent(component(space, '1'), [advisory(space, below(null))])).toEqual([]);
    },
  );

  it('with a version that is none is not judged', () => {
    const advisories = [advisory('debian 12', below(null)), advisory('debian 12', below('2'))];

    expect(matchComponent(component('debian 12', 'unknown'), advisories)).toEqual([]);
  });

  it('counts from where the feed says that it began', () => {
    const space = 'alpine 3.22';
    const advisories = [advisory(space, below('2.0', { from: '1.5' }))];

    const found = ['1.4', '1.5', '1.9', '2.0'].map(
      (version) => matchComponent(component(space, version), advisories).length,
    );

    expect(found).toEqual([0, 1, 1, 0]);
  });

  it('is hit on its own architecture', () => {
    const space = 'rocky 9';
    const advisories = [advisory(space, below('2', { arches: ['x86_64'] }))];

    const found = ['x86_64', 'aarch64', 'noarch'].map(
      (arch) => matchComponent(component(space, '1', { arch }), advisories).length,
    );

    expect(found).toEqual([1, 0, 0]);
  });

  it('of Red Hat without an architecture is hit on all of them, and by the last fix', () => {
    const advisories = [
      advisory('Red Hat', below('1:1.0-2', { arches: ['x86_64'] })),
      advisory('Red Hat', below('1:1.0-4', { arches: ['s390x'] }), { severity: 'LOW' }),
      advisory('Red Hat', below(null)),
    ];

    const findings = matchComponent(
      component('Red Hat', '1:1.0-3', { arch: 'noarch' }),
      advisories,
    );

    expect(findings).toEqual([
      { id: 'CVE-1', severity: 'LOW', fixedVersion: '1:1.0-4', status: 'fixed' },
    ]);
  });

  it('of Oracle is compared with builds of its own kind', () => {
    const space = 'Oracle Linux 9';
    const advisories = [
      advisory(space, below('2-9.el9_fips')),
      advisory(space, below('2:2.34-2.0.1.ksplice1.el9'), { id: 'CVE-2' }),
    ];

    const ids = ['1-1.el9_fips', '1-1.ksplice1.el9', '1-1.el9'].map((version) =>
      matchComponent(component(space, version), advisories).map(({ id }) => id),
    );

    expect(ids).toEqual([['CVE-1'], ['CVE-2'], []]);
  });
});

describe('matching a library', () => {
  it.each([
    ['in a range', ranges(['< 2.0.0']), ['2.0.0']],
    ['with ranges unknown', ranges([''], { patched: ['9.9.9'] }), ['9.9.9']],
    ['beside all that is patched', ranges([], { patched: ['2.0.0'] }), ['2.0.0']],
    ['in a range of one end', ranges(['>= 1.0.0, < 1.5.0', '< 1.5.0', '<= 0.5.0']), ['1.5.0']],
  ])('%s is a finding with its fixes', (_case, range, fixes) => {
    const findings = matchComponent(component('npm', '1.0.0'), [
      advisory('npm', range, { source: NPM }),
    ]);

    expect(findings.map(({ fixedVersion }) => fixedVersion)).toEqual([fixes.join(', ')]);
  });

  it.each([
    ['that is patched', ranges(['< 2.0.0'], { patched: ['1.0.0'] })],
    ['that never was vulnerable', ranges(['< 2.0.0'], { unaffected: ['< 1.1.0'] })],
    ['of which nothing is said', ranges([])],
    ['of which what is said is not understood', ranges(['before 2'])],
    ['whose patched versions are not understood', ranges(['< 2.0.0'], { patched: ['two'] })],
  ])('%s is none', (_case, range) => {
    const advisories = [advisory('npm', range, { source: NPM })];

    expect(matchComponent(component('npm', '1.0.0'), advisories)).toEqual([]);
  });

  it('takes the later feed where two tell of one vulnerability', () => {
    const findings = matchComponent(component('npm', '1.0.0'), [
      advisory('npm', ranges(['< 3.0.0']), { source: 'npm::b', severity: 'LOW' }),
      advisory('npm', ranges(['< 2.0.0']), { source: 'npm::a' }),
    ]);

    expect(findings).toEqual([
      { id: 'CVE-1', severity: 'LOW', fixedVersion: '3.0.0', status: 'fixed' },
    ]);
  });

  it.each([
    ['maven', '1.0.0+sp1', ['CVE-2']],
    ['pip', '1.0.0+sp1', ['CVE-2']],
    ['npm', '1.0.0-sp1', ['CVE-2']],
    ['npm', '1.0.0', ['CVE-1']],
  ])('of a supplier of patches (%s %s) asks that feed', (space, version, ids) => {
    const advisories = [
      advisory(space, ranges(['< 2.0.0']), { source: `${space}::a` }),
      advisory(space, ranges(['< 2.0.0']), { source: `seal ${space}::b`, id: 'CVE-2' }),
    ];

    expect(matchComponent(component(space, version), advisories).map(({ id }) => id)).toEqual(ids);
  });

  it('that only looks like a supplier’s is asked for where its feed does not know it', () => {
    const advisories = [advisory('npm', ranges(['< 2.0.0']), { source: NPM })];

    expect(matchComponent(component('npm', '1.0.0-sp1'), advisories)).toHaveLength(1);
  });
});

it('advisories on something else do not match', () => {
  const other = advisory('npm', ranges(['< 2.0.0']), { source: NPM, name: 'b' });

  expect(matchComponent(component('npm', '1.0.0'), [other])).toEqual([]);
  expect(matchComponent(component('conda', '1.0.0'), [{ ...other, space: 'conda' }])).toEqual([]);
});
