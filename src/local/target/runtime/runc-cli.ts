import { spawn } from 'node:child_process';
import { z } from 'zod';
import { ReleaseError } from '../../../contract/errors';

export interface RuncResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RuncCli {
  /** Runs a command to its end. `outputFd` takes the container's output in place of the result's. */
  run(args: readonly string[], outputFd?: number): Promise<RuncResult>;
  list(): Promise<readonly string[]>;
  /** Pid of the container's first process; null when it doesn't run. */
  pidOf(id: string): Promise<number | null>;
}

const MAX_OUTPUT = 64 * 1024;
const TIMEOUT_MS = 30_000;

const State = z.object({ status: z.string(), pid: z.number().int() });
const List = z.array(z.object({ id: z.string() })).nullable();

/** The `runc` command with a state folder of our own, so that nobody else's containers are ever touched. */
export function createRuncCli(binary: string, root: string): RuncCli {
  const run: RuncCli['run'] = (args, outputFd) =>
    collect(binary, ['--root', root, ...args], outputFd);
  return {
    run,
    list: async () => {
      const { stdout } = await run(['list', '--format', 'json']);
      return (List.parse(JSON.parse(stdout || 'null')) ?? []).map(({ id }) => id);
    },
    pidOf: async (id) => {
      const { code, stdout } = await run(['state', id]);
      if (code !== 0) {
        return null;
      }
      const state = State.parse(JSON.parse(stdout));
      return state.status === 'running' && state.pid > 0 ? state.pid : null;
    },
  };
}

function collect(
  binary: string,
  args: readonly string[],
  outputFd: number | undefined,
): Promise<RuncResult> {
  return new Promise((resolve, reject) => {
    const output = outputFd ?? 'pipe';
    const child = spawn(binary, args, {
      stdio: ['ignore', output, output],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout = (stdout + chunk.toString()).slice(0, MAX_OUTPUT);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(0, MAX_OUTPUT);
    });
    child.on('error', (cause) => {
      reject(
        new ReleaseError('ROLLOUT_UNAVAILABLE', `runc can't be run: ${cause.message}`, {
          cause,
          details: { remedy: 'Install runc (apt-get install runc) or set PLURA_RUNC to its path.' },
        }),
      );
    });
    child.on('close', (code) => {
      resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}
