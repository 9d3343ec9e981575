import type { Json } from '../verdict';
import type { Component } from './component';
import {
  ALMA,
  defaultContentSets,
  distributionOf,
  isLeftToScanner,
  isUnlabelledModule,
  RED_HAT,
  type Distribution,
  type SystemPackage,
} from './distributions';
import { ecosystemOfPurl } from './ecosystems';
import { formatPurl, parsePurl, type Purl } from './purl';
import { readSbom, type SbomDocument, type SbomPackage } from './sbom-document';
import { parseRpm } from './versions/rpm';

export interface SbomComponents {
  /** Each once. */
  readonly components: readonly Component[];
  /** Kinds of packages that the scanner judges and we do not, as people read it; such an image is left to the scanner. */
  readonly uncovered: readonly string[];
}

const SYSTEM_TYPES: readonly string[] = ['apk', 'deb', 'rpm'];

interface Item {
  readonly entry: SbomPackage;
  readonly purl: Purl;
}

function withEpoch(epoch: string, version: string, release: string): string {
  const number = /^[+-]?[0-9]+$/.test(epoch) ? Number(epoch) : 0;
  return `${number === 0 ? '' : `${number}:`}${version}${release === '' ? '' : `-${release}`}`;
}

/** A Debian version is whole in the package URL, an RPM's is in parts. */
function systemPackageOf({ entry, purl }: Item): SystemPackage {
  const { properties, name } = entry;
  const text = (key: string): string => properties[key]?.at(-1) ?? '';
  const parsed = purl.type === 'rpm' ? parseRpm(purl.version) : null;
  const version = parsed?.version ?? purl.version;
  const release = parsed?.release ?? '';
  const epoch = purl.qualifiers['epoch'] ?? '';
  const given = text('SrcName') !== '' && text('SrcVersion') !== '';
  const sourceEpoch = text('SrcEpoch');
  return {
    name,
    version: withEpoch(epoch, version, release),
    sourceName: text('SrcName') || name,
    sourceVersion: given
      ? withEpoch(sourceEpoch, text('SrcVersion'), text('SrcRelease'))
      : withEpoch(
          Number(sourceEpoch) === 0 ? epoch : sourceEpoch,
          text('SrcVersion') || version,
          text('SrcRelease') || release,
        ),
    module: text('Modularitylabel') || (purl.qualifiers['modularitylabel'] ?? ''),
  };
}

function productsOf({ properties }: SbomPackage, osVersion: string): readonly string[] {
  const sets = properties['ContentSet'] ?? [];
  const nvr = properties['NVR']?.at(-1) ?? '';
  if (sets.length === 0 && nvr === '') {
    return defaultContentSets(osVersion);
  }
  const build = nvr === '' ? [] : [`${nvr}-${properties['Arch']?.at(-1) ?? ''}`];
  // `__8` is added by the build of an image; `__9_DOT_2` is a content set.
  return [...sets.map((set) => set.replace(/__[0-9]+$/, '')), ...build];
}

function systemComponent(
  item: Item,
  distribution: Distribution,
  osVersion: string,
): Component | null {
  const one = systemPackageOf(item);
  if (one.name === 'gpg-pubkey' || (distribution === ALMA && isUnlabelledModule(one))) {
    return null;
  }
  return {
    space: distribution.space(osVersion),
    name: distribution.nameOf(one),
    version: distribution.versionOf(one),
    purl: formatPurl(item.purl),
    arch: item.purl.qualifiers['arch'] ?? '',
    products: distribution === RED_HAT ? productsOf(item.entry, osVersion) : [],
  };
}

/** The package URL loses the case of names, so the component's own name counts where there is a choice. */
function libraryName({ entry, purl }: Item): string {
  if (purl.type === 'maven') {
    return purl.namespace === '' ? purl.name : `${purl.namespace}:${purl.name}`;
  }
  if (purl.type === 'cocoapods') {
    return purl.subpath === '' ? purl.name : `${purl.name}/${purl.subpath}`;
  }
  if (purl.type === 'bitnami') {
    return purl.namespace === '' ? purl.name : `${purl.namespace}/${purl.name}`;
  }
  return entry.group === '' ? entry.name : `${entry.group}/${entry.name}`;
}

function libraryComponent(item: Item): Component | null {
  const { type, namespace, version } = item.purl;
  const ecosystem = ecosystemOfPurl(type);
  // Of Kubernetes, what cloud providers build has no feed.
  if (!ecosystem || version === '' || (type === 'k8s' && namespace !== '')) {
    return null;
  }
  return {
    space: ecosystem.space,
    name: ecosystem.normalise(libraryName(item)),
    version,
    purl: formatPurl(item.purl),
    arch: '',
    products: [],
  };
}

const isSeal = ({ name, sourceName }: SystemPackage): boolean =>
  [name, sourceName].some((text) => text.toLowerCase().startsWith('seal-'));

const ROOT_IO: Readonly<Record<string, RegExp>> = {
  alpine: /-r[0-9]007[0-9]/,
  debian: /\.root\.io/,
  ubuntu: /\.root\.io/,
};

function systemComponents(items: readonly Item[], { systems }: SbomDocument): SbomComponents {
  const [system] = systems;
  if (!system || items.length === 0) {
    return { components: [], uncovered: [] };
  }
  const { family, version } = system;
  const distribution = distributionOf(family);
  const rebuilt = items.some(({ purl }) => ROOT_IO[family]?.test(purl.version));
  if (!distribution || rebuilt) {
    const name = rebuilt ? 'packages of Root.io' : `packages of ${family}`;
    return { components: [], uncovered: rebuilt || isLeftToScanner(family) ? [name] : [] };
  }
  // What is of another distribution by its package URL is passed over, as by the scanner.
  const own = items.filter(({ purl }) => ['', family].includes(purl.namespace));
  const plain = own.filter((item) => !isSeal(systemPackageOf(item)));
  return {
    components: plain.flatMap((item) => systemComponent(item, distribution, version) ?? []),
    uncovered: [
      ...(plain.length < own.length ? ['packages of Seal Security'] : []),
      ...(systems.length > 1 ? ['several operating systems in one image'] : []),
    ],
  };
}

function unique(components: readonly Component[]): readonly Component[] {
  return Array.from(new Map(components.map((one) => [JSON.stringify(one), one])).values());
}

/** What advisories are looked up by, of a CycloneDX document as Trivy writes or reads it. */
export function componentsOf(sbom: Json): SbomComponents {
  const document = readSbom(sbom);
  const items = document.packages.flatMap((entry): readonly Item[] => {
    const purl = parsePurl(entry.purl);
    return purl ? [{ entry, purl }] : [];
  });
  const isSystem = ({ purl }: Item): boolean => SYSTEM_TYPES.includes(purl.type);
  const system = systemComponents(items.filter(isSystem), document);
  const libraries = items
    .filter((item) => !isSystem(item))
    .flatMap((item) => libraryComponent(item) ?? []);
  return { ...system, components: unique([...system.components, ...libraries]) };
}
