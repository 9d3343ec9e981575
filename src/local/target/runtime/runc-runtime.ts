import { statSync } from 'node:fs';
import { mkdir, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ReleaseError } from '../../../contract/errors';
import { identify, isAlive, type ProcessIdentity } from '../../process/identity';
import type { ImageStore } from '../image/image-store';
import { bundleConfig } from './bundle';
import type { ContainerRuntime, ContainerSpec } from './container-runtime';
import { resolveImageUser } from './image-user';
import { readTail } from './log-tail';
import type { RuncCli } from './runc-cli';

export interface RuncRuntimeOptions {
  /** Folder for bundles and logs. */
  readonly folder: string;
  readonly cli: RuncCli;
  readonly images: ImageStore;
  readonly log: Logger;
}

const STOP_GRACE_MS = 2_000;
const MAX_LOG_BYTES = 8 * 1024 * 1024;
const HOSTS = '127.0.0.1 localhost\n::1 localhost\n';

/** Containers by runc. They outlive this process: it finds them again with `adopt`. */
export function createRuncRuntime(options: RuncRuntimeOptions): ContainerRuntime {
  return new RuncRuntime(options);
}

class RuncRuntime implements ContainerRuntime {
  private readonly processes = new Map<string, ProcessIdentity>();
  private readonly options: RuncRuntimeOptions;
  private limits = true;

  constructor(options: RuncRuntimeOptions) {
    this.options = options;
  }

  async start(spec: ContainerSpec): Promise<void> {
    const { images, cli } = this.options;
    const { rootfs, config } = await images.ensure(spec.image);
    const user = await resolveImageUser(rootfs, config.user);
    await cli.run(['delete', '--force', spec.id]);
    const bundle = this.bundleOf(spec.id);
    await mkdir(bundle, { recursive: true, mode: 0o700 });
    const hostsFile = join(this.options.folder, 'hosts');
    await writeFile(hostsFile, HOSTS, { mode: 0o644 });
    const write = async (limits: boolean): Promise<void> => {
      const json = bundleConfig({ ...spec, rootfs, config, user, hostsFile, limits });
      await writeFile(join(bundle, 'config.json'), JSON.stringify(json));
    };
    await writeFile(join(bundle, 'port'), String(spec.port));
    await write(this.limits);
    const problem = await this.launch(spec.id);
    if (problem !== null && this.limits && /cgroup/i.test(problem)) {
      this.options.log.warn({ problem }, 'no usable cgroups here: containers run without limits');
      this.limits = false;
      await write(false);
      await this.launchOrThrow(spec.id);
    } else if (problem !== null) {
      throw launchError(spec.id, problem);
    }
  }

  private async launchOrThrow(id: string): Promise<void> {
    const problem = await this.launch(id);
    if (problem !== null) {
      throw launchError(id, problem);
    }
  }

  /** Null, or what runc complained of. */
  private async launch(id: string): Promise<string | null> {
    const bundle = this.bundleOf(id);
    const pidFile = join(bundle, 'pid');
    const complaints = join(bundle, 'runc.log');
    await rm(complaints, { force: true });
    const output = await open(join(bundle, 'output.log'), 'a', 0o600);
    try {
      const where = ['--bundle', bundle, '--pid-file', pidFile];
      const args = ['--log', complaints, 'run', '--detach', ...where, id];
      const { code } = await this.options.cli.run(args, output.fd);
      if (code !== 0) {
        await this.options.cli.run(['delete', '--force', id]);
        return (await readTail(complaints)).join(' ') || `runc ended with ${code}`;
      }
    } finally {
      await output.close();
    }
    const process = identify(Number(await readFile(pidFile, 'utf8')));
    if (process) {
      this.processes.set(id, process);
    }
    return null;
  }

  async isRunning(id: string): Promise<boolean> {
    const process = this.processes.get(id);
    if (!process || !isAlive(process)) {
      return false;
    }
    await this.boundLog(id);
    return true;
  }

  /**
   * Output is appended, so cutting the file to nothing is safe while the container writes. Looked at several times a second for each of
   * hundreds of containers, where a thread for the answer costs ten times the answer.
   */
  private async boundLog(id: string): Promise<void> {
    const file = this.logOf(id);
    const stats = statSync(file, { throwIfNoEntry: false });
    if (stats && stats.size > MAX_LOG_BYTES) {
      await truncate(file, 0);
    }
  }

  async adopt(id: string): Promise<number | null> {
    const pid = await this.options.cli.pidOf(id);
    const process = pid === null ? undefined : identify(pid);
    const port = Number(await readFile(join(this.bundleOf(id), 'port'), 'utf8').catch(() => NaN));
    if (!process || !isAlive(process) || !Number.isInteger(port)) {
      return null;
    }
    this.processes.set(id, process);
    return port;
  }

  async stop(id: string): Promise<void> {
    const { cli } = this.options;
    const process = this.processes.get(id);
    if (process && isAlive(process)) {
      await cli.run(['kill', id, 'TERM']);
      await waitForExit(process);
    }
    await cli.run(['delete', '--force', id]);
    this.processes.delete(id);
    await rm(this.bundleOf(id), { recursive: true, force: true });
  }

  lastLines(id: string): Promise<readonly string[]> {
    return readTail(this.logOf(id));
  }

  list(): Promise<readonly string[]> {
    return this.options.cli.list();
  }

  prune(inUse: readonly ContainerSpec['image'][]): Promise<void> {
    return this.options.images.prune(new Set(inUse.map(({ digest }) => digest)));
  }

  private bundleOf(id: string): string {
    return join(this.options.folder, 'bundles', id);
  }

  private logOf(id: string): string {
    return join(this.bundleOf(id), 'output.log');
  }
}

async function waitForExit(process: ProcessIdentity): Promise<void> {
  const pollMs = 20;
  for (let waited = 0; waited < STOP_GRACE_MS && isAlive(process); waited += pollMs) {
    await sleep(pollMs);
  }
}

function launchError(id: string, problem: string): ReleaseError {
  return new ReleaseError('ROLLOUT_FAILED', `container ${id} could not be started: ${problem}`, {
    details: { remedy: "Check the image's entry point, and that the target runs as root." },
  });
}
