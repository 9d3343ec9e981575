import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json } from '../../../src/domain/verdict';
import {
  apkVersion,
  debVersion,
  Dice,
  gemVersion,
  genericVersion,
  mavenVersion,
  pythonVersion,
  rpmVersion,
  semverVersion,
  type MakeVersion,
} from './random-versions';
import { librarySbom, systemSbom, type SystemSpec } from './sbom';

/** Packages with random advisories, in random versions on and beside their borders. */
export interface FuzzCase {
  readonly sbom: Json;
  /** Of a version with an advisory of its package. */
  readonly comparisons: number;
}

export interface FuzzSubject {
  readonly name: string;
  readonly bucket: string;
  readonly make: MakeVersion;
  readonly image: SystemSpec | string;
  /** Of ranges; none for distributions. */
  readonly operators: readonly string[];
}

const COMPARISONS = ['<', '<', '<', '<=', '>', '>=', '>=', '=', '==', '!='];
const library = (
  name: string,
  type: string,
  bucket: string,
  make: MakeVersion,
  operators: readonly string[],
): FuzzSubject => ({ name, image: type, bucket, make, operators: [...COMPARISONS, ...operators] });
const system = (image: SystemSpec, bucket: string, make: MakeVersion): FuzzSubject => ({
  name: bucket,
  image,
  bucket,
  make,
  operators: [],
});

export const FUZZ_SUBJECTS: readonly FuzzSubject[] = [
  system({ family: 'debian', release: '12', type: 'deb' }, 'debian 12', debVersion),
  system({ family: 'alma', release: '9.4', type: 'rpm' }, 'alma 9', rpmVersion),
  system({ family: 'alpine', release: '3.22.2', type: 'apk' }, 'alpine 3.22', apkVersion),
  library('npm', 'npm', 'npm::a', semverVersion, ['~', '^', '']),
  library('PyPI', 'pypi', 'pip::a', pythonVersion, ['~=', '===', '']),
  library('Go', 'golang', 'go::a', genericVersion, ['~', '^', '~>', '=>', '=<', '']),
  library('Maven', 'maven', 'maven::a', mavenVersion, ['=>', '']),
  library('RubyGems', 'gem', 'rubygems::a', gemVersion, ['~>', '~>', '']),
  library('Bitnami', 'bitnami', 'bitnami::a', semverVersion, ['~', '^', '']),
];

const PACKAGES = 30;
const VERSIONS = 25;

interface FuzzPackage {
  readonly name: string;
  readonly versions: readonly string[];
  readonly advisories: readonly Json[];
}

/** Near a border: itself, or with something more or less at its end. */
function beside(dice: Dice, border: string, make: MakeVersion): string {
  const changes = [
    border,
    `${border}.0`,
    `${border}.1`,
    border.slice(0, -1),
    border.replace(/[0-9]+(?=[^0-9]*$)/, (digits) => String(BigInt(digits) + 1n)),
    border.replace(/[-~+_].*$/, ''),
    make(dice),
    make(dice),
  ];
  return dice.pick(changes) || border;
}

function ranges(dice: Dice, subject: FuzzSubject, borders: string[]): readonly string[] {
  const border = (): string => {
    const made = subject.make(dice);
    borders.push(made);
    return dice.chance(3) ? `${made}.*` : made;
  };
  const constraint = (): string => `${dice.pick(subject.operators)} ${border()}`.trim();
  return dice.some(1, 3, () => dice.some(1, 2, constraint).join(dice.chance(90) ? ', ' : ' '));
}

function advisory(dice: Dice, subject: FuzzSubject, borders: string[]): Json {
  if (subject.operators.length === 0) {
    const fixed = subject.make(dice);
    borders.push(fixed);
    return { FixedVersion: dice.chance(97) ? fixed : '' };
  }
  if (subject.name === 'Maven' && dice.chance(10)) {
    const [low, high] = [subject.make(dice), subject.make(dice)];
    borders.push(low, high);
    return { VulnerableVersions: [`${dice.pick(['[', '('])}${low},${high}${dice.pick([']', ')'])}`] };
  }
  return {
    ...(dice.chance(85) ? { VulnerableVersions: ranges(dice, subject, borders) } : {}),
    ...(dice.chance(60) ? { PatchedVersions: ranges(dice, subject, borders) } : {}),
    ...(dice.chance(10) ? { UnaffectedVersions: ranges(dice, subject, borders) } : {}),
  };
}

function fuzzPackage(dice: Dice, subject: FuzzSubject, index: number): FuzzPackage {
  const borders: string[] = [];
  const advisories = Array.from({ length: 4 }, () => advisory(dice, subject, borders));
  const versions = Array.from({ length: VERSIONS }, () =>
    beside(dice, dice.pick(borders), subject.make),
  );
  // Of versions that differ in their epoch only, the scanner takes one for another.
  const unique = new Map(versions.map((version) => [version.replace(/^[0-9]+:/, ''), version]));
  return { name: `p${index}`, advisories, versions: Array.from(unique.values()) };
}

function sbomOf({ image }: FuzzSubject, packages: readonly FuzzPackage[]): Json {
  const all = packages.flatMap(({ name, versions }) => versions.map((version) => ({ name, version })));
  if (typeof image === 'string') {
    const group = image === 'maven' ? 'g:' : '';
    return librarySbom(all.map((one) => ({ ...one, type: image, name: `${group}${one.name}` })));
  }
  return systemSbom(image, all);
}

/** Writes the advisories for `seedDatabase` into `folder`, and gives what is to be scanned. */
export async function writeFuzzCase(
  folder: string,
  subject: FuzzSubject,
  seed: number,
): Promise<FuzzCase> {
  const dice = new Dice(seed);
  const packages = Array.from({ length: PACKAGES }, (_, index) => fuzzPackage(dice, subject, index));
  const group = subject.image === 'maven' ? 'g:' : '';
  const buckets = [
    {
      bucket: subject.bucket,
      pairs: packages.map(({ name, advisories }) => ({
        bucket: `${group}${name}`,
        pairs: advisories.map((value, index) => ({ key: `CVE-2000-${index}`, value })),
      })),
    },
    { bucket: 'vulnerability', pairs: [{ key: 'CVE-2000-0', value: { Severity: 'LOW' } }] },
  ];
  await mkdir(folder, { recursive: true });
  // JSON is YAML, too.
  await writeFile(join(folder, 'fuzz.yaml'), JSON.stringify(buckets));
  return {
    sbom: sbomOf(subject, packages),
    comparisons: packages.reduce(
      (sum, { versions, advisories }) => sum + versions.length * advisories.length,
      0,
    ),
  };
}
