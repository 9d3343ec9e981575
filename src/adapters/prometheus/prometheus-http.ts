import type { z } from 'zod';
import { ReleaseError } from '../../contract/errors';
import { NO_SAMPLES } from '../../domain/series';
import { QueryAnswer, QueryProblem, RangeAnswer } from './schema';

export interface PrometheusOptions {
  readonly url: string;
  readonly timeoutMs: number;
}

const MAX_ANSWER_BYTES = 1024 * 1024;

/** The one value of an instant query at `time` (RFC 3339); null when it is empty. NaN and infinities are numbers. */
export async function queryValue(
  options: PrometheusOptions,
  expr: string,
  time: string,
): Promise<number | null> {
  const { result } = await ask(options, '/api/v1/query', { query: expr, time }, QueryAnswer);
  if (result.length > 1) {
    throw unavailable(`${result.length} values where one was asked for: ${expr}`);
  }
  const value = result[0]?.value[1];
  return value === undefined ? null : parseValue(value);
}

export interface RangeQuery {
  readonly expr: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
  /** How old a value may be to count as that of a moment. */
  readonly lookbackMs: number;
}

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/** The points of the one series of a range query; none when it is empty. */
export async function queryRange(
  options: PrometheusOptions,
  { expr, startMs, endMs, stepMs, lookbackMs }: RangeQuery,
): Promise<readonly Point[]> {
  const fields = {
    query: expr,
    start: new Date(startMs).toISOString(),
    end: new Date(endMs).toISOString(),
    step: `${stepMs}ms`,
    lookback_delta: `${lookbackMs}ms`,
    // One more than there may be: enough to see that there are several.
    limit: '2',
  };
  const { result } = await ask(options, '/api/v1/query_range', fields, RangeAnswer);
  if (result.length > 1) {
    throw unavailable(
      `several series where one was asked for: ${expr}`,
      undefined,
      'Aggregate them in the query of the plan, e.g. with sum(…) or max(…).',
    );
  }
  return (result[0]?.values ?? []).map(([seconds, value]) => ({
    atMs: seconds * 1000,
    value: parseValue(value),
  }));
}

async function ask<Result>(
  options: PrometheusOptions,
  path: string,
  fields: Readonly<Record<string, string>>,
  schema: z.ZodType<{ readonly data: Result }>,
): Promise<Result> {
  const timeout = `${Math.ceil(options.timeoutMs / 1000)}s`;
  const form = new URLSearchParams({ ...fields, timeout });
  const { status, text } = await send(options, path, form);
  const json = parseJson(text);
  const answer = schema.safeParse(json);
  if (status === 200 && answer.success) return answer.data.data;
  const problem = QueryProblem.safeParse(json);
  throw unavailable(problem.success ? problem.data.error : `it answered ${status}`);
}

export async function checkReady(options: PrometheusOptions): Promise<void> {
  const { status } = await send(options, '/-/ready');
  if (status !== 200) {
    throw unavailable(`it answers /-/ready with ${status}`);
  }
}

/** Prometheus writes infinities as +Inf and -Inf. */
function parseValue(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}

async function send(
  { url, timeoutMs }: PrometheusOptions,
  path: string,
  form?: URLSearchParams,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
      ...(form ? { method: 'POST', body: form } : {}),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await readBounded(response) };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw unavailable(cause instanceof Error ? cause.message : String(cause), error);
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(response)) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      throw new Error(`its answer is over ${MAX_ANSWER_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function unavailable(
  reason: string,
  cause?: unknown,
  remedy = 'Check that Prometheus runs and scrapes what PLURA_METRICS names (docs/kubernetes.md, Metrics).',
): ReleaseError {
  return new ReleaseError('METRICS_UNAVAILABLE', `Prometheus: ${reason}`, {
    cause,
    details: { remedy },
  });
}

/** It answers, but of this it has nothing. */
export function noSamples(reason: string): ReleaseError {
  const { code, message, details } = unavailable(reason);
  return new ReleaseError(code, message, { details: { ...details, why: NO_SAMPLES } });
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  return response.body ?? [];
}
