import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BinaryName } from '../toolchain/catalogue';
import type { Ports } from './addresses';

/** What each part is started with. */
export interface StackContext {
  readonly stateDir: string;
  readonly ports: Ports;
  /** Root of the repository: policies, sample services, dist/. */
  readonly root: string;
  /** Cache shared by all stacks of this user. */
  readonly cacheDir: string;
  /** Of whoever starts the stack; parts get only what they are given from it. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Laid over the environment of our own processes. */
  readonly overrides: Readonly<Record<string, string>>;
  /** Whether scans go by what the mirror brought into the registry (docs/database-mirror.md), not by the seed's folder. */
  readonly mirrorsDatabase: boolean;
  /** Waits until the binary is there. */
  readonly path: (binary: BinaryName) => Promise<string>;
  /** Where the binary is or will be. */
  readonly pathNow: (binary: BinaryName) => string;
  readonly onProgress: (line: string) => void;
}

const SHARED_VARIABLES = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'USER', 'GOCACHE', 'GOMODCACHE'];

/** The little of the caller's environment that a part may see. */
export function baseEnvironment(context: StackContext): Record<string, string> {
  const given = SHARED_VARIABLES.map((name) => [name, context.environment[name]] as const);
  return Object.fromEntries(given.filter((entry): entry is [string, string] => !!entry[1]));
}

const MAX_SOCKET_PATH = 100;

/** In the state folder unless that makes the path too long for a Unix socket (108 bytes, unix(7)). */
export function buildkitSocket(stateDir: string): string {
  const here = join(stateDir, 'buildkit', 'buildkitd.sock');
  if (Buffer.byteLength(here) <= MAX_SOCKET_PATH) {
    return here;
  }
  const short = createHash('sha256').update(stateDir).digest('hex').slice(0, 12);
  return join(tmpdir(), `plura-buildkit-${short}`, 'buildkitd.sock');
}

export function httpAt(port: number): string {
  return `http://127.0.0.1:${port}`;
}
