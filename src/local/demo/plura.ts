import { spawn } from 'node:child_process';
import path from 'node:path';

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
}

/** Runs the shipped CLI as one of the local people, the way a reader of the demo would. */
export interface Plura {
  /** Shows the command and what it prints. */
  run(args: readonly string[]): Promise<CliResult>;
  /** Silent, with `--json`, parsed. */
  query(args: readonly string[]): Promise<unknown>;
}

interface PluraOptions {
  readonly cliPath: string;
  readonly cwd: string;
  readonly stateDir: string;
  /** The caller's environment. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly person: string;
  readonly out: NodeJS.WritableStream;
}

export function createPlura(options: PluraOptions): Plura {
  const env = {
    ...options.environment,
    PLURA_STATE_DIR: options.stateDir,
    PLURA_CONFIG: path.join(options.stateDir, 'people', `${options.person}.json`),
  };
  return {
    run: async (args) => {
      options.out.write(`\n${options.person} $ plura ${args.map(quoteForShow).join(' ')}\n`);
      return spawnCli(options, env, args, true);
    },
    query: async (args) => {
      const result = await spawnCli(options, env, [...args, '--json'], false);
      return JSON.parse(result.stdout) as unknown;
    },
  };
}

function quoteForShow(argument: string): string {
  return /^[\w@:./+=-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

async function spawnCli(
  options: PluraOptions,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  show: boolean,
): Promise<CliResult> {
  const child = spawn(process.execPath, [options.cliPath, ...args], {
    cwd: options.cwd,
    env,
    stdio: ['ignore', 'pipe', show ? 'inherit' : 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    if (show) options.out.write(chunk);
  });
  child.stderr?.resume();
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  return { exitCode, stdout: Buffer.concat(chunks).toString('utf8') };
}
