import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failureReason } from '../../../contract/error-reason';
import type { LayerEntry } from '../tar-layer';
import { downloadPackages, findDebian, type DebianHost } from './apt';
import { debianEntries } from './debian-entries';
import { readPackage, type PackageContent } from './package-content';

/** As distroless/static has them. */
const STATIC_PACKAGES = ['base-files', 'ca-certificates', 'media-types', 'netbase', 'tzdata'];

/** Longer than this, a first start is not kept waiting for packages. */
const BUDGET_MS = 15_000;
/** A host without an archive is not asked again at each start. */
const FORGET_FAILURE_MS = 24 * 3_600_000;

export interface DebianBase {
  readonly name: 'static' | 'base';
  /** Of the cached layer, without revision. */
  readonly layerName: string;
  readonly entries: () => readonly LayerEntry[];
}

interface DebianBasesInput {
  /** Where layers are kept, and the memory of a failure. */
  readonly folder: string;
  /** Whether a layer is in the cache, so that it needs no network. */
  readonly isKept: (layerName: string) => Promise<boolean>;
  /** What a base holds beside its packages. */
  readonly own: () => readonly LayerEntry[];
  readonly onProgress: (line: string) => void;
}

/** What distroless/base adds: glibc and OpenSSL. */
function basePackages({ version }: DebianHost): readonly string[] {
  return [...STATIC_PACKAGES, 'libc6', Number(version) >= 13 ? 'libssl3t64' : 'libssl3'];
}

/**
 * Bases of packages of this host's Debian, which a scanner knows by name; empty, with a line that says why, where there is no Debian or its
 * archive can't be reached within 15 s.
 */
export async function debianBases(input: DebianBasesInput): Promise<readonly DebianBase[]> {
  const { folder, isKept, onProgress } = input;
  const host = await findDebian(process.env['PATH'] ?? '');
  if (!host) {
    onProgress('bases/static: without Debian packages, since this host is no Debian');
    return [];
  }
  const kept = await Promise.all(namesOf(host).map(({ layerName }) => isKept(layerName)));
  if (kept.every(Boolean)) return basesOf(host, [], input);
  const failure = join(folder, 'debian-failed.txt');
  if (await isRecent(failure)) return [];
  onProgress(`bases/static and bases/base: fetching packages of Debian ${host.version}`);
  try {
    return basesOf(host, await fetchPackages(host, folder), input);
  } catch (error) {
    const reason = failureReason(error).split('\n').at(-1) ?? '';
    await writeFile(failure, `${reason}\n`);
    onProgress(`bases/static: without Debian packages: ${reason}`);
    return [];
  }
}

function namesOf({ version, architecture }: DebianHost): readonly {
  readonly name: DebianBase['name'];
  readonly layerName: string;
}[] {
  return (['static', 'base'] as const).map((name) => ({
    name,
    layerName: `${name}-debian${version}-${architecture}`,
  }));
}

function basesOf(
  host: DebianHost,
  packages: readonly PackageContent[],
  { own }: DebianBasesInput,
): readonly DebianBase[] {
  return namesOf(host).map(({ name, layerName }) => ({
    name,
    layerName,
    entries: () => {
      const names = name === 'static' ? STATIC_PACKAGES : basePackages(host);
      return debianEntries(
        packages.filter((one) => names.includes(one.name)),
        own(),
      );
    },
  }));
}

async function fetchPackages(host: DebianHost, folder: string): Promise<readonly PackageContent[]> {
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(join(folder, 'work-'));
  try {
    const signal = AbortSignal.timeout(BUDGET_MS);
    const packages = await downloadPackages(host, basePackages(host), work, signal);
    return await Promise.all(packages.map((one) => readPackage(host.dpkgDeb, one)));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function isRecent(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs < FORGET_FAILURE_MS;
}
