import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ReleaseError } from '../../contract/errors';
import { packageFile } from './package-file';

const LOAD_TIMEOUT_MS = 60_000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Of the canary SBOM, `canary.cdx.json`, which every usable database must flag. */
export const CANARY_ID = 'CVE-2021-44228';

export interface SeedDatabaseInput {
  readonly stateDir: string;
  /** The bolt-fixtures binary: `bolt-fixtures DATABASE YAML…`. */
  readonly boltFixtures: string;
  /** When the advisories count as collected; default now. */
  readonly updatedAt?: Date;
  /** Folder of the YAML files; default the real advisories of this repository. */
  readonly advisories?: string;
}

export interface SeededDatabase {
  /** For `createTrivyScanner`. */
  readonly cacheDir: string;
  readonly canarySbomFile: string;
  readonly canaryId: string;
}

async function advisoryFiles(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  return names.map((name) => join(folder, name));
}

async function hashFiles(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(await readFile(file));
  }
  return hash.digest('hex');
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function loadDatabase(
  input: SeedDatabaseInput,
  files: readonly string[],
  target: string,
): Promise<void> {
  try {
    await promisify(execFile)(input.boltFixtures, [target, ...files], {
      env: {},
      timeout: LOAD_TIMEOUT_MS,
    });
  } catch (cause) {
    throw new ReleaseError(
      'SCANNER_UNAVAILABLE',
      'The vulnerability database could not be made from the advisories.',
      { cause, details: { remedy: 'check the YAML files of the advisories and bolt-fixtures' } },
    );
  }
}

async function writeMetadata(folder: string, updatedAt: Date): Promise<void> {
  const metadata = {
    Version: 2,
    UpdatedAt: updatedAt.toISOString(),
    NextUpdate: new Date(updatedAt.getTime() + DAY_MS).toISOString(),
    DownloadedAt: updatedAt.toISOString(),
  };
  const draft = join(folder, 'metadata.json.new');
  await writeFile(draft, JSON.stringify(metadata));
  await rename(draft, join(folder, 'metadata.json'));
}

/**
 * Makes Trivy's database from the advisories in YAML (trivy-db, schema 2). The file is made again only when they
 * change, so its digest stays; its date is set each time, as a download would.
 */
export async function seedDatabase(input: SeedDatabaseInput): Promise<SeededDatabase> {
  const cacheDir = join(input.stateDir, 'trivy');
  const folder = join(cacheDir, 'db');
  const advisories = input.advisories ?? packageFile('src/local/advisories');
  const files = await advisoryFiles(advisories);
  const wanted = await hashFiles(files);
  const sourceFile = join(folder, 'source.sha256');
  const database = join(folder, 'trivy.db');
  const known = await readFile(sourceFile, 'utf8').catch(() => '');
  await mkdir(folder, { recursive: true });
  if (known !== wanted || !(await exists(database))) {
    const work = await mkdtemp(join(folder, 'work-'));
    try {
      await loadDatabase(input, files, join(work, 'trivy.db'));
      await rename(join(work, 'trivy.db'), database);
      await writeFile(sourceFile, wanted);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }
  await writeMetadata(folder, input.updatedAt ?? new Date());
  const canarySbomFile = packageFile('src/local/advisories/canary.cdx.json');
  return { cacheDir, canarySbomFile, canaryId: CANARY_ID };
}
