import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../contract/error-reason';
import {
  ageOf,
  DATABASE_LAYOUTS,
  MAX_LAYER_BYTES,
  type DatabaseKind,
} from '../../domain/advisories/database-mirror';
import { shortDigest } from '../../domain/digest';
import { hashFile } from './database';
import type { DatabaseFolder } from './folder';
import { sweepSets, touchSet, WORK } from './old-sets';
import { scannerUnavailable } from './run';
import { databaseMetadata } from './schema';
import { findSignedDatabase, type MirrorReader, type SignedDatabase } from './signed-database';
import { unpackDatabase } from './unpack-database';

export interface MirroredFolderOptions extends MirrorReader {
  /** Below it each set of databases has a folder of its own; several processes may share it. */
  readonly cacheDir: string;
  readonly kinds: readonly DatabaseKind[];
  /** How long what the mirror says is believed. */
  readonly refreshMs: number;
  /** How old a database scans believe. */
  readonly maxAgeMs: number;
  /** How long after its start a worker would rather wait for the mirror than scan with one that is older than that. */
  readonly patienceMs: number;
  /** Milliseconds that never jump. */
  readonly clock?: () => number;
  /** Told when a newer one can't be taken; scans go on with what there is. */
  readonly onProblem: (error: unknown) => void;
}

export interface MirroredFolder extends DatabaseFolder {
  /** Looks at the mirror now. Throws what keeps it from having the newest. */
  refresh(): Promise<void>;
}

interface Version {
  readonly name: string;
  readonly cacheDir: string;
  /** RFC 3339: of the vulnerabilities. */
  readonly updatedAt: string;
  holders: number;
}

/** Sets that stay when no scan of this process goes by them: another process may have just taken one. */
const KEPT_SETS = 2;

/** RFC 3339; null for what is no metadata. */
function updatedAtOf(text: string): string | null {
  try {
    return databaseMetadata.parse(JSON.parse(text)).UpdatedAt;
  } catch {
    return null;
  }
}

async function isWhole(cacheDir: string, signed: readonly SignedDatabase[]): Promise<boolean> {
  for (const { kind, fileDigest } of signed) {
    const { folder, file } = DATABASE_LAYOUTS[kind];
    const found = await hashFile(join(cacheDir, folder, file)).catch(() => null);
    if (found !== fileDigest) return false;
  }
  return true;
}

async function download(
  { registry }: MirrorReader,
  work: string,
  { kind, image, fileDigest, updatedAt }: SignedDatabase,
): Promise<void> {
  const { layers } = await registry.getManifest(image);
  const [layer, ...others] = layers;
  if (!layer || others.length > 0) throw scannerUnavailable(`${image.digest} has no one layer`);
  const file = join(work, `${kind}.tar.gz`);
  const blob = { repository: image.repository, digest: layer.digest };
  await registry.downloadBlob(blob, file, MAX_LAYER_BYTES);
  const unpacked = await unpackDatabase(kind, file, join(work, 'set'));
  await rm(file);
  const same = Date.parse(unpacked.updatedAt) === Date.parse(updatedAt);
  if (unpacked.fileDigest === fileDigest && same) return;
  throw scannerUnavailable(`${image.digest} is not what was signed as such`);
}

/**
 * Databases from the mirror in our registry: nothing that the custodian did not sign, nothing older than what is there. A set is
 * unpacked beside the one in use and takes its place at once; scans under way end with the one they began with.
 */
export function createMirroredFolder(options: MirroredFolderOptions): MirroredFolder {
  const sets = new MirroredSets(options);
  return { hold: () => sets.hold(), refresh: () => sets.refresh() };
}

class MirroredSets {
  private readonly options: MirroredFolderOptions;
  private readonly root: string;
  private readonly clock: () => number;
  private readonly startedAt: number;
  private versions: readonly Version[] = [];
  private lookedAt = -Infinity;
  private looking: Promise<void> | null = null;

  constructor(options: MirroredFolderOptions) {
    this.options = options;
    this.root = join(options.cacheDir, 'mirror');
    this.clock = options.clock ?? (() => performance.now());
    this.startedAt = this.clock();
  }

  async hold(): ReturnType<DatabaseFolder['hold']> {
    if (this.clock() - this.lookedAt >= this.options.refreshMs) await this.refreshOrKeep();
    const [version] = this.versions;
    if (!version) throw scannerUnavailable('no signed database was taken yet');
    this.assertNotOutrun(version);
    version.holders += 1;
    await touchSet(version.cacheDir, new Date());
    let held = true;
    return {
      cacheDir: version.cacheDir,
      release: () => {
        if (held) version.holders -= 1;
        held = false;
      },
    };
  }

  /** While no worker was there nobody mirrored, and the run that makes up for it begins with us. */
  private assertNotOutrun({ updatedAt }: Version): void {
    const { maxAgeMs, patienceMs } = this.options;
    if (this.clock() - this.startedAt >= patienceMs) return;
    if (ageOf(updatedAt, maxAgeMs, Date.now()) !== 'stale') return;
    // Another worker may be the one that brings it.
    this.lookedAt = -Infinity;
    throw scannerUnavailable(`it is of ${updatedAt}, and the mirror is only now asked for another`);
  }

  /** One at a time: all who ask meanwhile wait for the same. */
  async refresh(): Promise<void> {
    this.looking ??= this.look().finally(() => {
      this.looking = null;
    });
    await this.looking;
  }

  private async refreshOrKeep(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      if (this.versions.length === 0) throw error;
      // Not with each scan: the mirror is asked again when what it said has grown old.
      this.lookedAt = this.clock();
      this.options.onProblem(error);
    }
  }

  private async look(): Promise<void> {
    const { kinds } = this.options;
    const signed = await Promise.all(kinds.map((kind) => findSignedDatabase(this.options, kind)));
    const name = signed.map(({ image }) => image.digest.slice('sha256:'.length)).join('-');
    if (this.versions[0]?.name !== name) await this.take(name, signed);
    this.lookedAt = this.clock();
  }

  private async take(name: string, signed: readonly SignedDatabase[]): Promise<void> {
    const updatedAt = signed.find(({ kind }) => kind === 'vulnerabilities')?.updatedAt ?? '';
    const before = await this.newestHere(name);
    if (before !== null && Date.parse(updatedAt) < Date.parse(before)) {
      const [first] = signed;
      const what = first ? shortDigest(first.image.digest) : '';
      throw scannerUnavailable(`the mirror's ${what} of ${updatedAt} is older than ${before}`);
    }
    const cacheDir = join(this.root, name);
    if (!(await isWhole(cacheDir, signed))) await this.unpack(cacheDir, signed);
    await touchSet(cacheDir, new Date());
    // One that comes back is the one that scans may still hold.
    const known = this.versions.find((version) => version.name === name);
    const others = this.versions.filter((version) => version !== known);
    this.versions = [known ?? { name, cacheDir, updatedAt, holders: 0 }, ...others];
    await this.forgetOld();
  }

  /** When the newest was collected that this process, or one before it, went by. */
  private async newestHere(except: string): Promise<string | null> {
    const [current] = this.versions;
    if (current) return current.updatedAt;
    const names = await readdir(this.root).catch(() => []);
    const others = names.filter((name) => name !== except && !name.startsWith(WORK));
    const times = await Promise.all(
      others.map(async (name) => {
        const file = join(this.root, name, 'db', 'metadata.json');
        const text = await readFile(file, 'utf8').catch(() => 'null');
        return updatedAtOf(text);
      }),
    );
    const known = times.filter((time) => time !== null);
    return known.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null;
  }

  private async unpack(cacheDir: string, signed: readonly SignedDatabase[]): Promise<void> {
    await mkdir(this.root, { recursive: true });
    const work = await mkdtemp(join(this.root, WORK));
    try {
      for (const one of signed) await download(this.options, work, one);
      // What is there under this name is not whole, and no process goes by it.
      await rm(cacheDir, { recursive: true, force: true });
      await rename(join(work, 'set'), cacheDir).catch(async (error: unknown) => {
        const raced = hasErrorCode(error, 'ENOTEMPTY') || hasErrorCode(error, 'EEXIST');
        if (!raced || !(await isWhole(cacheDir, signed))) throw error;
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  private async forgetOld(): Promise<void> {
    const kept = this.versions.filter(({ holders }, index) => index < KEPT_SETS || holders > 0);
    const gone = this.versions.filter((version) => !kept.includes(version));
    this.versions = kept;
    for (const { cacheDir } of gone) await rm(cacheDir, { recursive: true, force: true });
    const names = kept.map(({ name }) => name);
    await sweepSets(this.root, names, new Date()).catch(this.options.onProblem);
  }
}
