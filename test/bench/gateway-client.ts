import { LoadResult, type LoadJob } from './gateway-jobs';
import { runLoad } from './load-process';

type Kind<K extends LoadResult['kind']> = Extract<LoadResult, { readonly kind: K }>;

async function load<K extends LoadResult['kind']>(
  kind: K,
  job: LoadJob,
  signal: AbortSignal,
): Promise<Kind<K>> {
  const result = await runLoad('gateway-load', LoadResult, job, signal);
  if (result.kind !== kind) throw new Error(`${job.kind} answered ${result.kind}`);
  return result as Kind<K>;
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
    pairs: (job) => load('pairs', job, signal),
    rate: (job) => load('rate', job, signal),
    race: (job) => load('race', job, signal),
  };
}
