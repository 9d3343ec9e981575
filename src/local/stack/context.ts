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

export function httpAt(port: number): string {
  return `http://127.0.0.1:${port}`;
}
