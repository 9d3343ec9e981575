import { compareApk } from './versions/apk';
import { compareDeb } from './versions/deb';
import { compareRpm, formatRpm, parseRpm } from './versions/rpm';

/** A package as a distribution's database on the image names it. */
export interface SystemPackage {
  readonly name: string;
  /** With epoch and release. */
  readonly version: string;
  readonly sourceName: string;
  readonly sourceVersion: string;
  /** `nodejs:18:8070020230…:…`; empty outside modules. */
  readonly module: string;
}

/** How the scanner asks the feed of a distribution. */
export interface Distribution {
  /** Where its advisories are: for the version in `/etc/os-release`. */
  readonly space: (version: string) => string;
  /** What each space begins with. */
  readonly prefix: string;
  /** Below, equal or above zero; null when one of them is no version. */
  readonly compare: (a: string, b: string) => number | null;
  readonly nameOf: (one: SystemPackage) => string;
  readonly versionOf: (one: SystemPackage) => string;
  /** Whether its feed lists what has no fix. */
  readonly unfixed: boolean;
  readonly formatFixed: (version: string) => string;
}

const ESM: readonly string[] = ['12.04', '14.04', '16.04', '18.04', '20.04'];

const major = (version: string): string => version.split('.')[0] ?? '';
const minor = (version: string): string => version.split('.').slice(0, 2).join('.');

/** Extended maintenance has a feed of its own only where the ordinary one has ended. */
function ubuntuRelease(version: string): string {
  const release = version.replace(/-ESM$/, '');
  return ESM.includes(release) ? version : release;
}

function amazonRelease(version: string): string {
  const release = major(version.trim().split(/\s+/)[0] ?? '');
  return ['2', '2022', '2023'].includes(release) ? release : '1';
}

/** `npm` of `nodejs:12:8030020201124152102:229f0a1c` is `nodejs:12::npm`. */
export function modularName({ name, module }: SystemPackage): string {
  const stream = /^[^:]*:[^:]*(?=:)/.exec(module)?.[0];
  return stream === undefined ? name : `${stream}::${name}`;
}

const source = {
  nameOf: (one: SystemPackage): string => one.sourceName,
  versionOf: (one: SystemPackage): string => one.sourceVersion,
};
const sourceNameOnly = { ...source, versionOf: (one: SystemPackage): string => one.version };
const binary = { ...sourceNameOnly, nameOf: (one: SystemPackage): string => one.name };
const modular = { ...binary, nameOf: modularName };
const asIs = { formatFixed: (version: string): string => version };
const rpm = { compare: compareRpm, formatFixed: formatRpm, unfixed: false };
const deb = { compare: compareDeb, ...source, ...asIs, unfixed: true };
const apk = { compare: compareApk, ...sourceNameOnly, ...asIs, unfixed: false };

type Rules = Omit<Distribution, 'space' | 'prefix'>;

function released(prefix: string, release: (version: string) => string, rules: Rules): Distribution {
  return { space: (version) => `${prefix}${release(version)}`, prefix, ...rules };
}

function rolling(prefix: string, rules: Rules): Distribution {
  return { space: () => prefix, prefix, ...rules };
}

export const RED_HAT = rolling('Red Hat', { ...rpm, ...modular, unfixed: true });
export const ORACLE = released('Oracle Linux ', major, { ...rpm, ...binary, ...asIs });
export const ALMA = released('alma ', major, { ...rpm, ...modular });
export const ROCKY = released('rocky ', major, { ...rpm, ...modular });

/** By the name of the operating system in an SBOM of the scanner. */
const DISTRIBUTIONS: Readonly<Record<string, Distribution>> = {
  alma: ALMA,
  alpine: released('alpine ', minor, { ...apk, ...source, unfixed: true }),
  amazon: released('amazon linux ', amazonRelease, { ...deb, ...binary, unfixed: false }),
  centos: RED_HAT,
  chainguard: rolling('chainguard', apk),
  debian: released('debian ', major, deb),
  echo: rolling('echo', deb),
  minimos: rolling('minimos', apk),
  oracle: ORACLE,
  redhat: RED_HAT,
  rocky: ROCKY,
  ubuntu: released('ubuntu ', ubuntuRelease, deb),
  wolfi: rolling('wolfi', apk),
};

/** Families that the scanner has a feed for and we do not. */
const OTHERS: readonly string[] = [
  'azurelinux',
  'bottlerocket',
  'cbl-mariner',
  'coreos',
  'opensuse',
  'opensuse-leap',
  'opensuse-tumbleweed',
  'photon',
  'slem',
  'sles',
];

export function distributionOf(family: string): Distribution | undefined {
  return Object.hasOwn(DISTRIBUTIONS, family) ? DISTRIBUTIONS[family] : undefined;
}

export function distributionOfSpace(space: string): Distribution | undefined {
  return Object.values(DISTRIBUTIONS).find(({ prefix }) =>
    prefix.endsWith(' ') ? space.startsWith(prefix) : space === prefix,
  );
}

export function isLeftToScanner(family: string): boolean {
  return OTHERS.includes(family);
}

/** Kernels patched while they run and builds for FIPS have versions of their own. */
export function oracleFlavor(version: string): 'fips' | 'ksplice' | 'normal' {
  const text = version.toLowerCase();
  if (text.endsWith('_fips')) {
    return 'fips';
  }
  return text.split('.').some((part) => part.startsWith('ksplice')) ? 'ksplice' : 'normal';
}

/** Red Hat's content sets of images that do not say theirs. */
export function defaultContentSets(version: string): readonly string[] {
  switch (major(version)) {
    case '6':
    case '7':
      return ['', 'extras-'].map((part) => `rhel-${major(version)}-server-${part}rpms`);
    case '8':
    case '9':
      return ['baseos', 'appstream'].map(
        (part) => `rhel-${major(version)}-for-x86_64-${part}-rpms`,
      );
    default:
      return [];
  }
}

/** AlmaLinux's modular packages that lack their label cannot be told from others, so the scanner leaves them out. */
export function isUnlabelledModule(one: SystemPackage): boolean {
  return parseRpm(one.version).release.includes('.module_el') && one.module === '';
}
