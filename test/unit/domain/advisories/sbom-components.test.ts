import { componentsOf } from '../../../../src/domain/advisories/sbom-components';
import type { Json } from '../../../../src/domain/verdict';
import { librarySbom, systemSbom, type SystemSpec } from '../../../support/advisories/sbom';

const DEBIAN: SystemSpec = { family: 'debian', release: '12.5', type: 'deb' };
const ALMA: SystemSpec = { family: 'alma', release: '8.4', type: 'rpm' };
const RED_HAT: SystemSpec = { family: 'redhat', release: '9.4', type: 'rpm' };

function bare(components: readonly Json[]): Json {
  return { bomFormat: 'CycloneDX', specVersion: '1.6', components };
}

describe('components of an SBOM', () => {
  it('of Debian are its source packages, with the epoch', () => {
    const sbom = systemSbom(DEBIAN, [
      { name: 'ssh', version: '1:9.2p1-2', source: 'openssh', arch: 'amd64' },
    ]);

    expect(componentsOf(sbom).components).toEqual([
      {
        space: 'debian 12',
        name: 'openssh',
        version: '1:9.2p1-2',
        purl: 'pkg:deb/debian/ssh@9.2p1-2?arch=amd64&distro=debian-12.5&epoch=1',
        arch: 'amd64',
        products: [],
      },
    ]);
  });

  it.each([
    ['debian', '12', 'deb', 'debian 12'],
    ['ubuntu', '22.04', 'deb', 'ubuntu 22.04'],
    ['ubuntu', '18.04-ESM', 'deb', 'ubuntu 18.04-ESM'],
    ['ubuntu', '22.04-ESM', 'deb', 'ubuntu 22.04'],
    ['alpine', '3.22.2', 'apk', 'alpine 3.22'],
    ['wolfi', '20230201', 'apk', 'wolfi'],
    ['redhat', '9.4', 'rpm', 'Red Hat'],
    ['centos', '8', 'rpm', 'Red Hat'],
    ['rocky', '9.3', 'rpm', 'rocky 9'],
    ['oracle', '8.9', 'rpm', 'Oracle Linux 8'],
    ['amazon', '2023.4.20240319 (Amazon Linux)', 'rpm', 'amazon linux 2023'],
    ['amazon', '2018.03', 'rpm', 'amazon linux 1'],
  ] as const)('of %s %s are looked up in %3$s', (family, release, type, space) => {
    const sbom = systemSbom({ family, release, type }, [{ name: 'a', version: '1' }]);

    expect(componentsOf(sbom).components.map((one) => one.space)).toEqual([space]);
  });

  it('in a module are named by its stream', () => {
    const sbom = systemSbom(ALMA, [
      { name: 'nginx', version: '1:1.14-1.module_el8', module: 'nginx:1.14:80:9f' },
      // AlmaLinux lost the label, so which stream it is of is not known.
      { name: 'npm', version: '1-1.module_el8' },
    ]);

    expect(componentsOf(sbom).components.map(({ name }) => name)).toEqual(['nginx:1.14::nginx']);
  });

  it('of Red Hat tell the content sets and the build they came by', () => {
    const properties = [
      ['ContentSet', 'ubi-9-baseos-rpms__9'],
      ['ContentSet', 'rhel-9-eus-rpms__9_DOT_2'],
      ['NVR', 'ubi9-container-9.4-1'],
      ['Arch', 'x86_64'],
    ] as const;
    const sbom = systemSbom(RED_HAT, [
      { name: 'a', version: '1-1', properties },
      { name: 'b', version: '1-1' },
    ]);

    expect(componentsOf(sbom).components.map(({ products }) => products)).toEqual([
      ['ubi-9-baseos-rpms', 'rhel-9-eus-rpms__9_DOT_2', 'ubi9-container-9.4-1-x86_64'],
      ['rhel-9-for-x86_64-baseos-rpms', 'rhel-9-for-x86_64-appstream-rpms'],
    ]);
  });

  it('that are keys of package managers are left out', () => {
    const sbom = systemSbom(RED_HAT, [{ name: 'gpg-pubkey', version: 'fd43-4a' }]);

    expect(componentsOf(sbom).components).toEqual([]);
  });

  it.each([
    ['npm', '@Babel/Traverse', 'npm', '@babel/traverse'],
    ['pypi', 'Foo_Bar', 'pip', 'foo-bar'],
    ['golang', 'github.com/Masterminds/semver', 'go', 'github.com/Masterminds/semver'],
    ['maven', 'org.yaml:SnakeYAML', 'maven', 'org.yaml:snakeyaml'],
    ['gem', 'Rack', 'rubygems', 'rack'],
    ['hex', 'Plug', 'erlang', 'plug'],
    ['nuget', 'Newtonsoft.Json', 'nuget', 'newtonsoft.json'],
  ])('of %s (%s) are filed under %s %s', (type, name, space, filed) => {
    const { components } = componentsOf(librarySbom([{ type, name, version: '1.0.0' }]));

    expect(components.map((one) => [one.space, one.name])).toEqual([[space, filed]]);
  });

  it('are each told once, however often they lie in the image', () => {
    const library = { type: 'npm', name: 'qs', version: '6.5.2' };

    expect(componentsOf(librarySbom([library, library])).components).toHaveLength(1);
  });

  it.each<readonly [string, Json]>([
    ['without a package URL', { type: 'library', name: 'qs', version: '1' }],
    ['with a faulty one', { type: 'library', name: 'qs', purl: 'qs@1' }],
    ['without a version', { type: 'library', name: 'qs', purl: 'pkg:npm/qs' }],
    ['of a type without advisories', { type: 'library', name: 'a', purl: 'pkg:conda/a@1' }],
    ['that are hardware', { type: 'device', name: 'qs', purl: 'pkg:npm/qs@1.0.0' }],
    [
      'that are a lock file',
      {
        type: 'application',
        name: 'package-lock.json',
        purl: 'pkg:npm/qs@1.0.0',
        properties: [{ name: 'aquasecurity:trivy:Type', value: 'npm' }],
      },
    ],
    ['of a provider of Kubernetes', { type: 'platform', name: 'a', purl: 'pkg:k8s/eks/a@1' }],
    ['of a distribution that is not named', { type: 'library', name: 'a', purl: 'pkg:deb/debian/a@1' }],
  ])('%s are none', (_case, component) => {
    expect(componentsOf(bare([component]))).toEqual({ components: [], uncovered: [] });
  });

  it('of another kind count when they have a package URL', () => {
    const component = { type: 'file', name: 'qs', purl: 'pkg:npm/qs@1.0.0' };

    expect(componentsOf(bare([component])).components).toHaveLength(1);
  });

  it.each([
    ['sles', 'rpm', 'a', '1-1', 'packages of sles'],
    ['debian', 'deb', 'a', '1-1.root.io.1', 'packages of Root.io'],
    ['alpine', 'apk', 'a', '1-r10071', 'packages of Root.io'],
    ['debian', 'deb', 'seal-a', '1-1', 'packages of Seal Security'],
  ] as const)('of %s that the scanner alone judges are named', (family, type, name, version, text) => {
    const sbom = systemSbom({ family, release: '12', type }, [{ name, version }]);

    expect(componentsOf(sbom)).toEqual({ components: [], uncovered: [text] });
  });

  it('without advisories at the scanner are not missed', () => {
    const sbom = systemSbom({ family: 'fedora', release: '40', type: 'rpm' }, [
      { name: 'a', version: '1-1' },
    ]);

    expect(componentsOf(sbom)).toEqual({ components: [], uncovered: [] });
  });

  it.each<readonly [Json]>([[null], ['text'], [[]], [{ components: 'none' }], [{ components: [1] }]])(
    'of %p are none',
    (document) => {
      expect(componentsOf(document)).toEqual({ components: [], uncovered: [] });
    },
  );
});
