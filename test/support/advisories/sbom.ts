import { formatPurl } from '../../../src/domain/advisories/purl';
import { parseRpm } from '../../../src/domain/advisories/versions/rpm';
import type { Json } from '../../../src/domain/verdict';

/** A package of a distribution as people write it: `1:9.2p1-2+deb12u2`. */
export interface SystemPackageSpec {
  readonly name: string;
  readonly version: string;
  /** Default: the same as the package. */
  readonly source?: string;
  readonly sourceVersion?: string;
  readonly arch?: string;
  readonly module?: string;
  readonly properties?: readonly (readonly [string, string])[];
}

export interface SystemSpec {
  readonly family: string;
  readonly release: string;
  readonly type: 'apk' | 'deb' | 'rpm';
}

export interface LibrarySpec {
  readonly type: string;
  /** With its namespace: `@babel/traverse`, `org.yaml:snakeyaml`. */
  readonly name: string;
  readonly version: string;
}

const property = ([name, value]: readonly [string, string]): Json => ({
  name: `aquasecurity:trivy:${name}`,
  value,
});

function partsOf(type: SystemSpec['type'], text: string): readonly [string, string, string] {
  if (type === 'rpm') {
    const { epoch, version, release } = parseRpm(text);
    return [String(epoch), version, release];
  }
  const [, epoch = '0', rest = ''] = /^(?:([0-9]+):)?(.*)$/.exec(text) ?? [];
  const dash = type === 'deb' ? rest.lastIndexOf('-') : -1;
  return dash < 0 ? [epoch, rest, ''] : [epoch, rest.slice(0, dash), rest.slice(dash + 1)];
}

function purlOf({ family, release, type }: SystemSpec, one: SystemPackageSpec): string {
  const [epoch, version, revision] = partsOf(type, one.version);
  const qualifiers = {
    ...(one.arch === '' ? {} : { arch: one.arch ?? 'x86_64' }),
    ...(epoch === '0' ? {} : { epoch }),
    ...(one.module ? { modularitylabel: one.module } : {}),
    distro: type === 'apk' ? release : `${family}-${release}`,
  };
  return formatPurl({
    type,
    namespace: family,
    name: one.name,
    version: revision === '' ? version : `${version}-${revision}`,
    qualifiers,
    subpath: '',
  });
}

function systemComponent(system: SystemSpec, one: SystemPackageSpec): Json {
  const [epoch, version, release] = partsOf(system.type, one.sourceVersion ?? one.version);
  const purl = purlOf(system, one);
  const source: readonly (readonly [string, string])[] = [
    ['PkgType', system.family],
    ['SrcName', one.source ?? one.name],
    ['SrcVersion', version],
    ['SrcRelease', release],
    ['SrcEpoch', epoch],
  ];
  const properties = [...source.filter(([, value]) => value !== ''), ...(one.properties ?? [])];
  const { name } = one;
  const installed = one.version;
  return {
    'bom-ref': purl,
    type: 'library',
    name,
    version: installed,
    purl,
    properties: properties.map(property),
  };
}

function libraryComponent({ type, name, version }: LibrarySpec): Json {
  const separator = type === 'maven' ? name.indexOf(':') : name.lastIndexOf('/');
  const group = separator < 0 ? '' : name.slice(0, separator);
  const bare = name.slice(separator + 1);
  const purl = formatPurl({ type, namespace: group, name: bare, version, qualifiers: {}, subpath: '' });
  return { 'bom-ref': purl, type: 'library', group, name: bare, version, purl };
}

function document(components: readonly Json[]): Json {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', group: 'aquasecurity', name: 'trivy' }] },
      component: { 'bom-ref': 'image', type: 'container', name: 'apps/sample' },
    },
    components,
  };
}

/** As Trivy writes it of an image of a distribution. */
export function systemSbom(system: SystemSpec, packages: readonly SystemPackageSpec[]): Json {
  const { family, release } = system;
  const os = { 'bom-ref': 'os', type: 'operating-system', name: family, version: release };
  return document([os, ...packages.map((one) => systemComponent(system, one))]);
}

/** Of an image without a distribution, such as one of a static binary. */
export function librarySbom(libraries: readonly LibrarySpec[]): Json {
  return document(libraries.map(libraryComponent));
}
