import { execFile } from 'node:child_process';
import { chmod, cp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '../repository-root';

/** Parts of a tool that nobody here needs and that would be compiled for minutes. */
export interface Trim {
  /** Whose sources are copied and changed; `trimmed/<tool>` has what takes the place of what is left out. */
  readonly module: string;
  /** What is copied of it, relative to its root; all when left out. */
  readonly keep?: readonly string[];
  /** Files and folders of that which are left out. */
  readonly without: readonly string[];
}

interface Place {
  /** The module that builds the tool; the copy becomes its folder `trimmed`. */
  readonly workDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

function replacementsOf(tool: string): string {
  return join(repositoryRoot(), 'src', 'local', 'toolchain', 'trimmed', tool);
}

/** The folders of the module cache are read-only, and so are their copies. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.filter((one) => one.isDirectory())) {
    await makeWritable(join(folder, entry.name));
  }
}

/** Copies the module, with replacements for what is left out. The compiler says when a new version does not fit them. */
export async function trimModule(
  tool: string,
  { module, keep = [''], without }: Trim,
  { workDir, env, signal }: Place,
): Promise<void> {
  const list = ['list', '-m', '-f', '{{.Dir}}', module];
  const found = await promisify(execFile)('go', list, { cwd: workDir, env, signal });
  const source = found.stdout.trim();
  const copy = join(workDir, 'trimmed');
  const filter = (path: string): boolean => basename(path) !== 'testdata';
  for (const path of keep) {
    await cp(join(source, path), join(copy, path), { recursive: true, filter });
  }
  await makeWritable(copy);
  for (const path of without) {
    await rm(join(copy, path), { recursive: true });
  }
  await cp(replacementsOf(tool), copy, { recursive: true });
}
