import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '../../src/local/repository-root';
import { nameOf, POOL, randomFrom } from './advisory-fleet';

type Value = Readonly<Record<string, unknown>>;
type Pair = { readonly key: string; readonly value: Value } | Bucket;
interface Bucket {
  readonly bucket: string;
  readonly pairs: readonly Pair[];
}

interface Made {
  readonly kind: keyof typeof POOL;
  readonly at: number;
  readonly id: string;
  /** The minor version that repairs it; null: none does. */
  readonly fixed: number | null;
  /** 0 unknown to 4 Critical, as Trivy counts. */
  readonly severity: number;
}

const FEEDS = {
  debian: { bucket: 'debian 12', source: 'debian' },
  npm: { bucket: 'npm::GitHub Security Advisory Npm', source: 'ghsa' },
  go: { bucket: 'go::GitHub Security Advisory Go', source: 'ghsa' },
} as const;
const KINDS = ['debian', 'npm', 'go'] as const;
const SEVERITIES = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];
/** Of each kind of package there are so many more that no image has. */
const UNUSED = 3;

function makeOne(random: () => number, nr: number): Made {
  const kind = KINDS[Math.floor(random() * KINDS.length)] ?? 'npm';
  const at = Math.floor(random() * POOL[kind] * (1 + UNUSED));
  const fixed = random() < 0.1 ? null : 2 + Math.floor(random() * 30);
  const severity = 1 + Math.floor(random() ** 2 * 4);
  return { kind, at, id: `CVE-2026-${String(nr).padStart(6, '0')}`, fixed, severity };
}

/** The advisories of a day. */
export function makeAdvisories(count: number): readonly Made[] {
  const random = randomFrom(7);
  return Array.from({ length: count }, (_, nr) => makeOne(random, nr));
}

/** Those of the next day: half of the changes are new ones, the others are told otherwise. */
export function nextAdvisories(before: readonly Made[], changes: number): readonly Made[] {
  const random = randomFrom(11);
  const next = [...before];
  for (let nr = 0; nr < changes / 2; nr += 1) {
    const at = Math.floor(random() * before.length);
    const one = next[at];
    if (one) next[at] = { ...one, fixed: (one.fixed ?? 2) + 1, severity: 4 };
    next.push(makeOne(random, before.length + nr));
  }
  return next;
}

function advisoryValue({ kind, at, fixed }: Made): Value {
  if (kind === 'debian') {
    return fixed === null ? { Status: 2 } : { FixedVersion: `${1 + (at % 9)}.${fixed}-1` };
  }
  if (fixed === null) return { VulnerableVersions: ['>= 0.0.0'] };
  return { PatchedVersions: [`1.${fixed}.0`], VulnerableVersions: [`< 1.${fixed}.0`] };
}

function feedOf(kind: keyof typeof POOL, advisories: readonly Made[]): Bucket {
  const ofKind = advisories.filter((one) => one.kind === kind);
  const byName = new Map<string, Made[]>();
  for (const one of ofKind) {
    const name = nameOf(kind, one.at);
    byName.set(name, [...(byName.get(name) ?? []), one]);
  }
  return {
    bucket: FEEDS[kind].bucket,
    pairs: [...byName].map(([bucket, of]) => ({
      bucket,
      pairs: of.map((one) => ({ key: one.id, value: advisoryValue(one) })),
    })),
  };
}

function detailsOf({ id, kind, severity }: Made): Pair {
  const { source } = FEEDS[kind];
  const Severity = SEVERITIES[severity] ?? 'UNKNOWN';
  return { key: id, value: { Title: id, Severity, VendorSeverity: { [source]: severity } } };
}

/** Writes them beside the real ones, which have the canary, as a folder for `seedDatabase`. JSON is YAML. */
export async function writeAdvisories(
  folder: string,
  advisories: readonly Made[],
): Promise<string> {
  const real = path.join(repositoryRoot(), 'src/local/advisories');
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(real)) {
    if (name.endsWith('.yaml')) await copyFile(path.join(real, name), path.join(folder, name));
  }
  const source = { ID: 'debian', Name: 'Debian Security Tracker', URL: 'https://debian.org' };
  const buckets: readonly Bucket[] = [
    ...KINDS.map((kind) => feedOf(kind, advisories)),
    { bucket: 'vulnerability', pairs: advisories.map(detailsOf) },
    { bucket: 'data-source', pairs: [{ key: 'debian 12', value: source }] },
  ];
  await writeFile(path.join(folder, 'bench.yaml'), JSON.stringify(buckets));
  return folder;
}
