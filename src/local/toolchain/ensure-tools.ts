import { rmSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { alone } from '../process/exclusive';
import { cachedBinaries, toolDir } from './cache';
import { ALL_TOOLS, toolOf, type BinaryName, type Tool, type ToolName } from './catalogue';
import { goBuild, prefetchModules } from './go-build';
import { toolOnPath } from './path-lookup';
import type { OnToolEvent } from './progress';
import { ensureRunc, systemRunc } from './runc';
import { ensureTestServer, testServerScript } from './test-server';

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

/** In the cache, or on PATH in a version that fits. */
async function findTool(name: ToolName, options: ToolchainOptions): Promise<Binaries | undefined> {
  if (name === 'runc') {
    const file = systemRunc(options.environment);
    return file === undefined ? undefined : { runc: file };
  }
  if (name === 'temporal-test-server') {
    const script = testServerScript(options.cacheDir);
    return existsSync(script) ? { [name]: script } : undefined;
  }
  const tool = toolOf(name);
  const folder = toolDir(options.cacheDir, name, tool.version);
  return (
    cachedBinaries(folder, Object.keys(tool.binaries)) ??
    (await toolOnPath(tool, options.environment['PATH'] ?? ''))
  );
}

async function makeTool(name: ToolName, options: ToolchainOptions): Promise<Binaries> {
  if (name !== 'runc' && name !== 'temporal-test-server') {
    return buildOnce(name, toolOf(name), options);
  }
  const { cacheDir, environment, signal } = options;
  const purpose = name === 'runc' ? 'runs containers' : 'workflow tests that skip time';
  const onBuild = (): void => options.onEvent?.({ tool: name, state: 'building', purpose });
  const onWait = (): void => options.onEvent?.({ tool: name, state: 'waiting', purpose });
  const ensure = name === 'runc' ? ensureRunc : ensureTestServer;
  const context = { cacheDir, environment, signal, onBuild };
  const lock = toolDir(cacheDir, name, 'any');
  return { [name]: await alone(lock, onWait, () => ensure(context), signal) };
}

interface Search {
  readonly name: ToolName;
  readonly binaries: Promise<Binaries | undefined>;
}

/**
 * One after the other in build order, each unless its own build has begun. Called after the first build: unpacking takes
 * processor time too, and somebody waits for the stack to answer.
 */
async function prefetch(
  searches: readonly Search[],
  begun: ReadonlySet<ToolName>,
  { environment, signal }: ToolchainOptions,
): Promise<void> {
  // The next build begins first, so that its modules are not fetched twice at once.
  await setImmediate();
  for (const { name, binaries } of searches) {
    if (name === 'runc' || name === 'temporal-test-server') continue;
    const found = await binaries.catch(() => undefined);
    if (signal.aborted) return;
    if (found || begun.has(name)) continue;
    await prefetchModules({ name, tool: toolOf(name), environment, signal });
  }
}

/** Finds the tools in the cache or on PATH and builds what is missing, one at a time: each uses all cores. */
export function ensureTools(names: readonly ToolName[], options: ToolchainOptions): Toolchain {
  const known = new Map<string, string>();
  const failed: ToolFailure[] = [];
  const found = new Map<ToolName, Promise<Binaries>>();
  const begun = new Set<ToolName>();
  let queue: Promise<void> = Promise.resolve();
  let prefetching: Promise<void> | undefined;
  const make = async (search: Search, turn: Promise<void>): Promise<Binaries> => {
    const { name } = search;
    const binaries = await search.binaries;
    if (binaries) {
      return binaries;
    }
    await turn;
    begun.add(name);
    options.signal.throwIfAborted();
    const since = Date.now();
    const made = await makeTool(name, options).finally(() => {
      prefetching ??= prefetch(searches, begun, options);
    });
    options.onEvent?.({ tool: name, state: 'ready', ms: Date.now() - since });
    return made;
  };
  const searches = ALL_TOOLS.filter((tool) => names.includes(tool)).map((name) => ({
    name,
    binaries: findTool(name, options),
  }));
  for (const search of searches) {
    const { name } = search;
    const turn = queue;
    const result = make(search, turn).then((binaries) => {
      Object.entries(binaries).forEach(([binary, file]) => known.set(binary, file));
      return binaries;
    });
    found.set(name, result);
    // A tool that can't be had fails the parts that need it; the others are built all the same.
    const settled = result.catch((error: unknown) => {
      failed.push({ tool: name, error });
      options.onEvent?.({ tool: name, state: 'failed', error });
    });
    queue = Promise.all([turn, settled]).then(() => undefined);
  }
  const ready = Promise.all(found.values()).then(() => undefined);
  ready.catch(() => undefined);
  return {
    ready,
    failures: queue.then(() => failed),
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
