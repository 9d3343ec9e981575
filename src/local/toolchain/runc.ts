import { existsSync } from 'node:fs';
import { SetupError } from '../process/setup-error';
import { cachedBinaries, toolDir } from './cache';
import type { Tool } from './catalogue';
import { buildEnvironment, goBuild } from './go-build';
import { findOnPath } from './path-lookup';
import { runLogged, type Step } from './run-logged';

const RUNC: Tool = {
  version: 'v1.5.2',
  purpose: 'runs containers',
  binaries: { runc: 'github.com/opencontainers/runc' },
  tags: ['seccomp'],
  env: { CGO_ENABLED: '1' },
};

/** Where runc and crun are installed, also when an unprivileged PATH leaves sbin out. */
const SYSTEM_FOLDERS = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const SECCOMP_HEADERS = '/usr/include/seccomp.h';

export interface RuncContext {
  readonly cacheDir: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly signal: AbortSignal;
  onBuild(): void;
}

export function systemRunc(environment: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const searchPath = `${environment['PATH'] ?? ''}:${SYSTEM_FOLDERS}`;
  return findOnPath('runc', searchPath) ?? findOnPath('crun', searchPath);
}

async function installWithApt(context: RuncContext): Promise<string | undefined> {
  const { PATH = '', HOME = '/root' } = context.environment;
  const env = { PATH, HOME, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: readonly string[]): Step => ({ command: 'apt-get', args, cwd: '/', env });
  const install = apt('install', '-y', '--no-install-recommends', 'runc');
  const logFile = `${toolDir(context.cacheDir, 'runc', 'apt')}/install.log`;
  const attempt = (steps: readonly Step[]): Promise<void> =>
    runLogged('runc', steps, logFile, '', context.signal);
  try {
    await attempt([install]);
  } catch {
    // Fresh machines and containers have no package lists yet.
    await attempt([apt('update'), install]).catch(() => undefined);
  }
  context.signal.throwIfAborted();
  return systemRunc(context.environment);
}

/**
 * The system's runc or crun, else the distribution's package, else our own build. Without seccomp every
 * container start fails, so it is built only where libseccomp's headers are.
 * @throws SetupError when there is no way to get one.
 */
export async function ensureRunc(context: RuncContext): Promise<string> {
  const folder = toolDir(context.cacheDir, 'runc', RUNC.version);
  const found = systemRunc(context.environment) ?? cachedBinaries(folder, ['runc'])?.['runc'];
  if (found !== undefined) {
    return found;
  }
  context.onBuild();
  const canInstall = process.getuid?.() === 0 && findOnPath('apt-get', SYSTEM_FOLDERS);
  const installed = canInstall ? await installWithApt(context) : undefined;
  if (installed !== undefined) {
    return installed;
  }
  if (existsSync(SECCOMP_HEADERS)) {
    const environment = buildEnvironment(context.environment);
    const logFile = `${folder}/build.log`;
    const { signal } = context;
    await goBuild({ name: 'runc', tool: RUNC, folder, logFile, environment, signal });
    return `${folder}/runc`;
  }
  throw new SetupError(
    'runc was not found.',
    'Install it with your package manager (Debian, Ubuntu: `sudo apt-get install runc`; Fedora: `sudo dnf install crun`).',
  );
}
