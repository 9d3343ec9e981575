import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { localArchitecture } from '../../../adapters/oci/platform';
import { findOnPath } from '../../toolchain/path-lookup';

const run = promisify(execFile);

/** A Debian whose apt knows an archive, and whom to trust for it. */
export interface DebianHost {
  readonly apt: string;
  readonly dpkgDeb: string;
  /** e.g. `12`. */
  readonly version: string;
  readonly architecture: string;
}

/** A package as the archive's signed index describes it. */
export interface DebianPackage {
  readonly name: string;
  /** Absolute. */
  readonly file: string;
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
}

/** Null on any other system: its packages would not be those of the scanner's Debian. */
export async function findDebian(path: string): Promise<DebianHost | null> {
  const apt = findOnPath('apt-get', path);
  const dpkgDeb = findOnPath('dpkg-deb', path);
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const version = /^VERSION_ID="?(\d+)"?$/m.exec(text)?.[1];
  if (!apt || !dpkgDeb || version === undefined || !/^ID="?debian"?$/m.test(text)) return null;
  return { apt, dpkgDeb, version, architecture: localArchitecture() };
}

/**
 * Fetches the newest packages of these names into `folder`, from the archives that this host is set up for and by apt's own check of
 * their signatures. Nothing of the host is written: lists and caches lie in `folder`. Needs no root.
 *
 * @throws Error when the archive can't be reached, or a signature is not good
 */
export async function downloadPackages(
  { apt }: DebianHost,
  names: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<readonly DebianPackage[]> {
  const target = join(folder, 'packages');
  const lists = join(folder, 'lists');
  for (const path of [target, join(lists, 'partial'), join(folder, 'archives', 'partial')]) {
    await mkdir(path, { recursive: true });
  }
  const common = { apt, folder, target, signal };
  const fetch = async (state: readonly string[]): Promise<readonly DebianPackage[]> => {
    const listed = await runApt(common, [...state, 'download', '--print-uris', ...names]);
    await runApt(common, [...state, 'download', ...names]);
    return readUris(listed, names, target);
  };
  try {
    // What the host knows by now is quicker, and may name packages that the archive has replaced since.
    return await fetch([]);
  } catch {
    signal.throwIfAborted();
    const state = ['-o', `Dir::State=${folder}`, '-o', `Dir::State::lists=${lists}`];
    await runApt(common, [...state, 'update']);
    return await fetch(state);
  }
}

const SETTINGS = [
  'APT::Get::AllowUnauthenticated=false',
  'Acquire::AllowInsecureRepositories=false',
  'Acquire::AllowWeakRepositories=false',
  'Acquire::AllowDowngradeToInsecureRepositories=false',
  'Acquire::Languages=none',
  'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
  'Acquire::http::Timeout=5',
  'Acquire::https::Timeout=5',
  'Acquire::Retries=0',
  'Debug::NoLocking=1',
];

interface AptRun {
  readonly apt: string;
  readonly folder: string;
  readonly target: string;
  readonly signal: AbortSignal;
}

async function runApt(
  { apt, folder, target, signal }: AptRun,
  args: readonly string[],
): Promise<string> {
  const settings = [`Dir::Cache=${folder}`, 'Dir::Cache::archives=archives', ...SETTINGS];
  const proxies = ['http_proxy', 'https_proxy', 'no_proxy'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const { stdout } = await run(
    apt,
    ['-qq', ...settings.flatMap((setting) => ['-o', setting]), ...args],
    {
      cwd: target,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', ...Object.fromEntries(proxies) },
      signal,
      maxBuffer: 1024 * 1024,
    },
  );
  return stdout;
}

/** `'{uri}' {file} {bytes} SHA256:{hex}`, one line a package. */
function readUris(
  text: string,
  names: readonly string[],
  folder: string,
): readonly DebianPackage[] {
  const line =
    /^'[^']*' (([a-z0-9][a-z0-9+.-]*)_[A-Za-z0-9.+~%:_-]+\.deb) (\d+) SHA256:([0-9a-f]{64})$/gm;
  const found = [...text.matchAll(line)].map(([, file = '', name = '', bytes, sha256 = '']) => ({
    name,
    file: join(folder, file),
    bytes: Number(bytes),
    sha256,
  }));
  const missing = names.filter((name) => !found.some((one) => one.name === name));
  if (missing.length > 0) throw new Error(`the archive has no ${missing.join(', ')}`);
  return found;
}
