import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFile } from '../../src/local/seed/package-file';
import {
  alpinePart,
  debianPart,
  goPart,
  mavenPart,
  npmPart,
  type SbomPart,
  type SbomSystem,
} from './sbom-documents';

/** An image by what it is made of. */
export interface TableImage {
  readonly svc: string;
  readonly system: SbomSystem | null;
  readonly parts: readonly SbomPart[];
}

interface Feed {
  readonly bucket: string;
  readonly source: string;
  /** Advisories are looked up by it. */
  readonly nameOf: (at: number) => string;
  readonly valueOf: (fixed: string) => Readonly<Record<string, unknown>>;
}

const COUNT = 12;
const NUMBERS = Array.from({ length: COUNT }, (_, at) => at);
const DEBIAN = { name: 'debian', version: '12.5' };
const ALPINE = { name: 'alpine', version: '3.19.1' };

/** Installed; what repairs them; what repaired them long ago. In the manner of each, borders included. */
const VERSIONS = {
  debian: ['1:2.3.4+dfsg-5~deb12u1', '1:2.3.4+dfsg-5~deb12u2', '1:2.3.4+dfsg-5~deb12u1'],
  alpine: ['3.1.4-r5', '3.1.4-r6', '3.1.4-r5'],
  npm: ['2.0.0-rc.2', '2.0.0', '1.9.0'],
  go: ['v0.17.0', '0.17.1', '0.17.0'],
  maven: ['2.14.1', '2.15.0-rc1', '2.14.1'],
} as const;
type Kind = keyof typeof VERSIONS;
export const KINDS = Object.keys(VERSIONS) as readonly Kind[];

const range = (fixed: string): Readonly<Record<string, unknown>> => ({
  PatchedVersions: [fixed],
  VulnerableVersions: [`< ${fixed}`],
});

const FEEDS: Readonly<Record<Kind, Feed>> = {
  debian: {
    ...{ bucket: 'debian 12', source: 'debian' },
    nameOf: (at) => `source-${at}`,
    valueOf: (FixedVersion) => ({ FixedVersion }),
  },
  alpine: {
    ...{ bucket: 'alpine 3.19', source: 'alpine' },
    nameOf: (at) => `source-${at}`,
    valueOf: (FixedVersion) => ({ FixedVersion }),
  },
  npm: {
    ...{ bucket: 'npm::GitHub Security Advisory Npm', source: 'ghsa' },
    nameOf: (at) => `@scope/package-${at}`,
    valueOf: range,
  },
  go: {
    ...{ bucket: 'go::GitHub Security Advisory Go', source: 'ghsa' },
    nameOf: (at) => `example.org/module-${at}`,
    valueOf: range,
  },
  maven: {
    ...{ bucket: 'maven::GitHub Security Advisory Maven', source: 'ghsa' },
    nameOf: (at) => `org.example:artifact-${at}`,
    valueOf: range,
  },
};

function partOf(kind: Kind, at: number): SbomPart {
  const [installed] = VERSIONS[kind];
  const name = FEEDS[kind].nameOf(at);
  if (kind === 'debian') return debianPart(`binary-${at}`, installed, name);
  if (kind === 'alpine') return alpinePart(`binary-${at}`, installed, name);
  if (kind === 'maven') return mavenPart('org.example', `artifact-${at}`, installed);
  return kind === 'npm' ? npmPart(name, installed) : goPart(name, installed);
}

/** One of each kind, and one that no advisory hits. */
export const TABLE_IMAGES: readonly TableImage[] = [
  ...KINDS.map((kind): TableImage => ({
    svc: kind,
    system: kind === 'debian' ? DEBIAN : kind === 'alpine' ? ALPINE : null,
    parts: NUMBERS.map((at) => partOf(kind, at)),
  })),
  {
    svc: 'clean',
    system: DEBIAN,
    parts: [debianPart('clean', '1.0-1'), npmPart('clean', '1.0.0')],
  },
];

const idOf = (kind: Kind, at: number, hits: boolean): string =>
  `CVE-2026-${hits ? 1 : 2}${KINDS.indexOf(kind)}${String(at).padStart(3, '0')}`;

/** Each package has an advisory that hits it, and one that was repaired by what is installed. */
export const TABLE_ADVISORIES: readonly string[] = KINDS.flatMap((kind) =>
  NUMBERS.flatMap((at) => [idOf(kind, at, true), idOf(kind, at, false)]),
);

function feedOf(kind: Kind): unknown {
  const { bucket, nameOf, valueOf } = FEEDS[kind];
  const [, fixed, before] = VERSIONS[kind];
  return {
    bucket,
    pairs: NUMBERS.map((at) => ({
      bucket: nameOf(at),
      pairs: [
        { key: idOf(kind, at, true), value: valueOf(fixed) },
        { key: idOf(kind, at, false), value: valueOf(before) },
      ],
    })),
  };
}

function detailsOf(kind: Kind): readonly unknown[] {
  const severity = (at: number): number => (at % 2 === 0 ? 4 : 3);
  return NUMBERS.flatMap((at) =>
    [true, false].map((hits) => ({
      key: idOf(kind, at, hits),
      value: {
        Title: 'of the table',
        Severity: severity(at) === 4 ? 'CRITICAL' : 'HIGH',
        VendorSeverity: { [FEEDS[kind].source]: severity(at) },
      },
    })),
  );
}

/** The real ones, which have the canary, and those of the table beside them; a folder for `seedDatabase`. */
export async function writeTable(folder: string): Promise<string> {
  const real = packageFile('src/local/advisories');
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(real)) {
    if (name.endsWith('.yaml')) await copyFile(join(real, name), join(folder, name));
  }
  const sources = ['debian', 'alpine'] as const;
  const buckets = [
    ...KINDS.map(feedOf),
    { bucket: 'vulnerability', pairs: KINDS.flatMap(detailsOf) },
    {
      bucket: 'data-source',
      pairs: sources.map((kind) => ({
        key: FEEDS[kind].bucket,
        value: { ID: kind, Name: kind, URL: `https://${kind}.example` },
      })),
    },
  ];
  await writeFile(join(folder, 'table.yaml'), JSON.stringify(buckets));
  return folder;
}
