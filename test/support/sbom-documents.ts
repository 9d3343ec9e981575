import type { Json } from '../../src/domain/verdict';

/** A package as Trivy writes it. */
export interface SbomPart {
  readonly purl: string;
  readonly name: string;
  /** Of Maven. */
  readonly group?: string;
  readonly version: string;
  /** Of Trivy, without `aquasecurity:trivy:`. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface SbomSystem {
  readonly name: string;
  readonly version: string;
}

function propertiesOf(properties: Readonly<Record<string, string>>): Json {
  return Object.entries(properties).map(([name, value]) => ({
    name: `aquasecurity:trivy:${name}`,
    value,
  }));
}

function systemOf({ name, version }: SbomSystem): Json {
  return {
    ...{ 'bom-ref': 'os', type: 'operating-system', name, version },
    properties: propertiesOf({ Class: 'os-pkgs', Type: name }),
  };
}

/** A CycloneDX document about an image, as Trivy makes it. `image`: what it is about, a digest in the name. */
export function sbomDocument(
  image: string,
  system: SbomSystem | null,
  parts: readonly SbomPart[],
): Json {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { 'bom-ref': 'image', type: 'container', name: image } },
    components: [
      ...(system ? [systemOf(system)] : []),
      ...parts.map(({ properties = {}, group, ...part }, at): Json => ({
        ...{ 'bom-ref': `part-${at}`, type: 'library', ...part },
        ...(group !== undefined && { group }),
        properties: propertiesOf(properties),
      })),
    ],
  };
}

/** A binary package of Debian 12 with its source package. */
export function debianPart(name: string, version: string, source = name): SbomPart {
  const [upstream = version, release = ''] = version.split(/-(?=[^-]*$)/);
  return {
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=amd64&distro=debian-12.5`,
    ...{ name, version },
    properties: {
      ...{ PkgType: 'debian', SrcName: source, SrcVersion: upstream },
      ...(release !== '' && { SrcRelease: release }),
    },
  };
}

export function alpinePart(name: string, version: string, source = name): SbomPart {
  return {
    purl: `pkg:apk/alpine/${name}@${encodeURIComponent(version)}?arch=x86_64&distro=3.19.1`,
    ...{ name, version },
    properties: { PkgType: 'alpine', SrcName: source, SrcVersion: version },
  };
}

export function npmPart(name: string, version: string): SbomPart {
  return {
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...{ name, version },
    properties: { PkgType: 'node-pkg' },
  };
}

export function goPart(name: string, version: string): SbomPart {
  return {
    purl: `pkg:golang/${name}@${version}`,
    ...{ name, version },
    properties: { PkgType: 'gobinary' },
  };
}

export function mavenPart(group: string, name: string, version: string): SbomPart {
  return {
    purl: `pkg:maven/${group}/${name}@${version}`,
    ...{ name, group, version },
    properties: { PkgType: 'jar' },
  };
}
