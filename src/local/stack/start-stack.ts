import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { repositoryRoot } from '../repository-root';
import { tryHold, type ReleaseHold } from '../process/exclusive';
import { assertPortsFree } from '../process/ports';
import { endLeftovers } from '../process/records';
import { SetupError } from '../process/setup-error';
import { cacheDirOf } from '../toolchain/cache';
import { ALL_TOOLS, STACK_TOOLS, type ToolName } from '../toolchain/catalogue';
import { ensureTools, toolOfBinary, type Toolchain } from '../toolchain/ensure-tools';
import type { OnToolEvent } from '../toolchain/progress';
import { admissionFiles } from './admission';
import { portsByDefault, portsOf, portsThatAreFree, type Ports } from './addresses';
import { buildkitSocket, httpAt, type StackContext } from './context';
import { runParts, type PartRunner } from './part-runner';
import { PART_NAMES, planOf, withNeeds, type PartName } from './parts';
import { databaseUrl } from './postgres';
import { recipesOf } from './prepare';
import { robotsDir } from './robots';
import { stackFile, writeStackState, type StackState } from './state';

export interface StackOptions {
  readonly stateDir: string;
  readonly ports: 'default' | 'free';
  /** Moves the default ports. */
  readonly portOffset?: number;
  /** These parts and what they need; all when left out. */
  readonly only?: readonly PartName[];
  /** Laid over the settings of our own processes, for instance PLURA_POLICY. */
  readonly env?: Readonly<Record<string, string>>;
  /** Scans go by the database of the mirror, as in production; default by the folder that the seed fills, which is there sooner. */
  readonly mirrorsDatabase?: boolean;
  /** The caller's environment. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Further tools to build once those of the parts are there, for instance cosign. */
  readonly moreTools?: readonly ToolName[];
  readonly onProgress?: (line: string) => void;
  readonly onTool?: OnToolEvent;
}

export interface Stack extends PartRunner {
  /** What stack.json holds. */
  readonly addresses: Promise<StackState>;
  readonly toolchain: Toolchain;
  /** Stops all parts, users before what they use, and lets go of the state folder. Safe to call twice. */
  stop(): Promise<void>;
}

/** One stack a state folder. @throws SetupError when another holds it. */
async function takeStateDir(stateDir: string): Promise<ReleaseHold> {
  mkdirSync(stateDir, { recursive: true });
  if ((statSync(stateDir).mode & 0o777) === 0o700) {
    // Postgres runs as another account when we are root; secrets inside have modes of their own.
    chmodSync(stateDir, 0o711);
  }
  const release = await holdStateDir(stateDir);
  if (!release) {
    throw new SetupError(
      `Another stack runs on ${stateDir}.`,
      'Stop it with Ctrl-C in its terminal, or set PLURA_STATE_DIR to another folder.',
    );
  }
  return release;
}

/** @returns undefined while a stack runs on the folder */
export async function holdStateDir(stateDir: string): Promise<ReleaseHold | undefined> {
  return tryHold(`stack ${resolve(stateDir)}`);
}

function toolsFor(parts: readonly PartName[], more: readonly ToolName[]): readonly ToolName[] {
  const needed = new Set(parts.flatMap((part) => planOf(part).binaries).map(toolOfBinary));
  return ALL_TOOLS.filter(
    (tool) => more.includes(tool) || (STACK_TOOLS.includes(tool) && needed.has(tool)),
  );
}

async function choosePorts(options: StackOptions): Promise<Ports> {
  return options.ports === 'free' ? portsThatAreFree() : portsByDefault(options.portOffset);
}

function stateOf(context: StackContext, database: string): StackState {
  const { ports, stateDir } = context;
  return {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    api: httpAt(ports.api),
    issuer: httpAt(ports.issuer),
    registry: httpAt(ports.registry),
    registryBackend: httpAt(ports['registry-backend']),
    admission: `https://127.0.0.1:${ports.admission}`,
    admissionCa: admissionFiles(stateDir).certificate,
    admissionOperations: httpAt(ports['admission-operations']),
    robots: robotsDir(stateDir),
    temporal: `127.0.0.1:${ports.temporal}`,
    temporalUi: httpAt(ports['temporal-ui']),
    buildkit: `unix://${buildkitSocket(stateDir)}`,
    rekor: httpAt(ports.rekor),
    prometheus: httpAt(ports.prometheus),
    target: httpAt(ports.target),
    database,
    logs: join(stateDir, 'logs'),
  };
}

/**
 * Starts the parts, each as soon as its needs and tools are there, and returns at once: `ready(part)`
 * says when one answers, `allReady` when all do.
 * @throws SetupError when the state folder or a port is taken.
 */
export async function launchStack(options: StackOptions): Promise<Stack> {
  const stateDir = resolve(options.stateDir);
  const parts = withNeeds(options.only ?? PART_NAMES);
  const onProgress = options.onProgress ?? ((): void => undefined);
  const release = await takeStateDir(stateDir);
  try {
    const ended = await endLeftovers(stateDir);
    if (ended.length > 0) {
      onProgress(`ended what a killed stack had left: ${ended.join(', ')}`);
    }
    const ports = await choosePorts(options);
    await assertPortsFree(portsOf(ports, parts));
    return launch({ options, stateDir, parts, ports, onProgress, release });
  } catch (error) {
    await release();
    throw error;
  }
}

interface LaunchInput {
  readonly options: StackOptions;
  readonly stateDir: string;
  readonly parts: readonly PartName[];
  readonly ports: Ports;
  readonly onProgress: (line: string) => void;
  readonly release: ReleaseHold;
}

function launch({ options, stateDir, parts, ports, onProgress, release }: LaunchInput): Stack {
  const cacheDir = cacheDirOf(options.environment);
  const aborted = new AbortController();
  const toolchain = ensureTools(toolsFor(parts, options.moreTools ?? []), {
    cacheDir,
    environment: options.environment,
    signal: aborted.signal,
    ...(options.onTool ? { onEvent: options.onTool } : {}),
  });
  const context: StackContext = {
    stateDir,
    ports,
    root: repositoryRoot(),
    cacheDir,
    environment: options.environment,
    overrides: options.env ?? {},
    mirrorsDatabase: options.mirrorsDatabase ?? false,
    path: (binary) => toolchain.path(binary),
    pathNow: (binary) => toolchain.pathNow(binary),
    onProgress,
  };
  const runner = runParts(parts, recipesOf(context), context);
  const addresses = (async () => {
    const usesPostgres = parts.includes('postgres');
    if (usesPostgres) {
      // Its password is made at its first start.
      await runner.ready('postgres');
    }
    const state = stateOf(context, usesPostgres ? databaseUrl(context) : '');
    await writeStackState(stateDir, state);
    return state;
  })();
  addresses.catch(() => undefined);
  let stopping: Promise<void> | undefined;
  return {
    ...runner,
    addresses,
    toolchain,
    stop: () => {
      stopping ??= (async () => {
        aborted.abort();
        await runner.stopAll();
        await rm(stackFile(stateDir), { force: true });
        await release();
      })();
      return stopping;
    },
  };
}

/** Starts the stack and waits until all of it answers; stops it again when a part can't start. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const stack = await launchStack(options);
  try {
    await stack.allReady;
    await stack.addresses;
    return stack;
  } catch (error) {
    await stack.stop();
    throw error;
  }
}
