import { rmSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { alone } from '../process/exclusive';
import { cachedBinaries, toolDir } from './cache';
import { ALL_TOOLS, toolOf, type BinaryName, type Tool, type ToolName } from './catalogue';
import { goBuild } from './go-build';
import { toolOnPath } from './path-lookup';
import type { OnToolEvent } from './progress';
import { ensureRunc } from './runc';
import { ensureTestServer } from './test-server';

export interface ToolchainOptions {
  readonly cacheDir: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly onEvent?: OnToolEvent;
  /** Ends builds under way; what is finished is kept. */
  readonly signal: AbortSignal;
}

type Binaries = Readonly<Record<string, string>>;

export interface ToolFailure {
  readonly tool: ToolName;
  readonly error: unknown;
}

/** Each part awaits its own tools; builds run one after the other, in the catalogue's order. */
export interface Toolchain {
  /** Path of a binary as soon as it is there. Rejects with SetupError when it can't be had. */
  path(binary: BinaryName): Promise<string>;
  /** Without waiting: where it is, or where it will be once it is built. */
  pathNow(binary: BinaryName): string;
  /** Resolves when all are there; rejects as soon as one can't be had. */
  readonly ready: Promise<void>;
  /** Once all have been tried: those that can't be had. */
  readonly failures: Promise<readonly ToolFailure[]>;
}

/** Names the same tool: `buildctl` comes with `buildkit`. */
export function toolOfBinary(binary: BinaryName): ToolName {
  if (binary === 'runc' || binary === 'temporal-test-server') {
    return binary;
  }
  const owner = ALL_TOOLS.find(
    (name) => name !== 'runc' && name !== 'temporal-test-server' && binary in toolOf(name).binaries,
  );
  if (owner === undefined) {
    throw new Error(`no tool has the binary ${binary}`);
  }
  return owner;
}

function expectedPath(cacheDir: string, binary: BinaryName): string {
  const name = toolOfBinary(binary);
  const isGoTool = name !== 'runc' && name !== 'temporal-test-server';
  return isGoTool ? join(toolDir(cacheDir, name, toolOf(name).version), binary) : binary;
}

/** Work folders of builds that were killed: nobody builds here now, the caller holds the lock. */
function clearLeftovers(folder: string): void {
  const left = existsSync(folder) ? readdirSync(folder) : [];
  left
    .filter((name) => name.startsWith('.build-'))
    .forEach((name) => {
      rmSync(join(folder, name), { recursive: true, force: true });
    });
}

/** Builds one tool into a folder of the cache unless it is there; waits when another process is at it. */
export async function buildOnce(
  name: string,
  tool: Tool,
  options: ToolchainOptions,
): Promise<Binaries> {
  const folder = toolDir(options.cacheDir, name, tool.version);
  const names = Object.keys(tool.binaries);
  const cached = cachedBinaries(folder, names);
  if (cached) {
    return cached;
  }
  const { purpose } = tool;
  const onWait = (): void => options.onEvent?.({ tool: name, state: 'waiting', purpose });
  const build = async (): Promise<Binaries> => {
    const builtMeanwhile = cachedBinaries(folder, names);
    if (builtMeanwhile) {
      return builtMeanwhile;
    }
    options.onEvent?.({ tool: name, state: 'building', purpose });
    clearLeftovers(folder);
    const { environment, signal } = options;
    const logFile = join(folder, 'build.log');
    await goBuild({ name, tool, folder, logFile, environment, signal });
    return Object.fromEntries(names.map((binary) => [binary, join(folder, binary)]));
  };
  return alone(folder, onWait, build, options.signal);
}

async function ensureOne(name: ToolName, options: ToolchainOptions): Promise<Binaries> {
  if (name === 'runc' || name === 'temporal-test-server') {
    const { cacheDir, environment, signal } = options;
    const purpose = name === 'runc' ? 'runs containers' : 'workflow tests that skip time';
    const onBuild = (): void => options.onEvent?.({ tool: name, state: 'building', purpose });
    const context = { cacheDir, environment, signal, onBuild };
    const onWait = (): void => options.onEvent?.({ tool: name, state: 'waiting', purpose });
    const ensure = name === 'runc' ? ensureRunc : ensureTestServer;
    const lock = toolDir(cacheDir, name, 'any');
    return { [name]: await alone(lock, onWait, () => ensure(context), signal) };
  }
  const tool = toolOf(name);
  const cached = cachedBinaries(
    toolDir(options.cacheDir, name, tool.version),
    Object.keys(tool.binaries),
  );
  return (
    cached ??
    (await toolOnPath(tool, options.environment['PATH'] ?? '')) ??
    (await buildOnce(name, tool, options))
  );
}

/** Finds the tools in the cache or on PATH and builds what is missing, one at a time: each uses all cores. */
export function ensureTools(names: readonly ToolName[], options: ToolchainOptions): Toolchain {
  const wanted = ALL_TOOLS.filter((name) => names.includes(name));
  const found = new Map<ToolName, Promise<Binaries>>();
  const known = new Map<string, string>();
  const failed: ToolFailure[] = [];
  let before: Promise<void> = Promise.resolve();
  for (const name of wanted) {
    const started = before.then(() => Date.now());
    const result = started.then(() => ensureOne(name, options));
    found.set(name, result);
    // A tool that can't be had fails the parts that need it; the others are built all the same.
    before = Promise.all([started, result]).then(
      ([since, binaries]) => {
        Object.entries(binaries).forEach(([binary, file]) => known.set(binary, file));
        const path = Object.values(binaries)[0] ?? '';
        options.onEvent?.({ tool: name, state: 'ready', path, ms: Date.now() - since });
      },
      (error: unknown) => {
        failed.push({ tool: name, error });
        options.onEvent?.({ tool: name, state: 'failed', error });
      },
    );
  }
  const ready = Promise.all(found.values()).then(() => undefined);
  ready.catch(() => undefined);
  return {
    ready,
    failures: before.then(() => failed),
    pathNow: (binary) => known.get(binary) ?? expectedPath(options.cacheDir, binary),
    path: async (binary) => {
      const binaries = await found.get(toolOfBinary(binary));
      const path = binaries?.[binary];
      if (path === undefined) {
        throw new Error(`the tool of ${binary} was not asked for`);
      }
      return path;
    },
  };
}
