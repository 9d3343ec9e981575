import { execFile } from 'node:child_process';
import { chmod, cp, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { failureReason } from '../../contract/error-reason';
import { SetupError } from '../process/setup-error';
import { repositoryRoot } from '../repository-root';

/** Parts of a tool that nobody here needs and that would be compiled for minutes. */
export interface Trim {
  /** Whose sources are copied and changed; `trimmed/<tool>` has what takes the place of what is left out. */
  readonly module: string;
  /** Of the module, where it is not the tool's. */
  readonly version?: string;
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

const Downloaded = z.object({ Dir: z.string().min(1) });

/** @returns its folder in the module cache */
async function fetchModule(module: string, { workDir, env, signal }: Place): Promise<string> {
  const args = ['mod', 'download', '-json', module];
  try {
    const { stdout } = await promisify(execFile)('go', args, { cwd: workDir, env, signal });
    return Downloaded.parse(JSON.parse(stdout)).Dir;
  } catch (error) {
    signal.throwIfAborted();
    throw new SetupError(
      `\`go mod download ${module}\` failed: ${failureReason(error)}`,
      'Check the network and `go env GOPROXY`, then run the command again.',
    );
  }
}

function isCompiled(path: string): boolean {
  return basename(path) !== 'testdata' && !path.endsWith('_test.go');
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
  { module, version, keep = [''], without }: Trim & { readonly version: string },
  { workDir, env, signal }: Place,
): Promise<void> {
  const source = await fetchModule(`${module}@${version}`, { workDir, env, signal });
  const copy = join(workDir, 'trimmed');
  for (const path of keep) {
    await cp(join(source, path), join(copy, path), {
      recursive: true,
      filter: isCompiled,
    });
  }
  await makeWritable(copy);
  for (const path of without) {
    await rm(join(copy, path), { recursive: true });
  }
  await cp(replacementsOf(tool), copy, { recursive: true });
}
