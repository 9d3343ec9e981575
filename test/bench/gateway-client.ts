import { fork } from 'node:child_process';
import path from 'node:path';
import { LoadResult, type LoadJob } from './gateway-jobs';

type Kind<K extends LoadResult['kind']> = Extract<LoadResult, { readonly kind: K }>;

/** Runs one job in a client process of its own. @throws Error with what it said, when it could not. */
async function runLoad<K extends LoadResult['kind']>(
  kind: K,
  job: LoadJob,
  signal: AbortSignal,
): Promise<Kind<K>> {
  signal.throwIfAborted();
  const child = fork(path.join(__dirname, 'gateway-load.js'), {
    env: { NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  let result: unknown;
  child.once('message', (message) => {
    result = message;
  });
  child.send(job);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  signal.removeEventListener('abort', kill);
  if (code !== 0 || result === undefined) throw new Error(`${job.kind}: ${said || String(code)}`);
  const parsed = LoadResult.parse(result);
  if (parsed.kind !== kind) throw new Error(`${job.kind} answered ${parsed.kind}`);
  return parsed as Kind<K>;
}

export type Pairs = Kind<'pairs'>;
export type Rate = Kind<'rate'>;
export type Race = Kind<'race'>;

export interface LoadClient {
  pairs(job: Extract<LoadJob, { kind: 'latency' | 'download' | 'upload' }>): Promise<Pairs>;
  rate(job: Extract<LoadJob, { kind: 'rate' }>): Promise<Rate>;
  race(job: Extract<LoadJob, { kind: 'race' }>): Promise<Race>;
}

export function createLoadClient(signal: AbortSignal): LoadClient {
  return {
    pairs: (job) => runLoad('pairs', job, signal),
    rate: (job) => runLoad('rate', job, signal),
    race: (job) => runLoad('race', job, signal),
  };
}
