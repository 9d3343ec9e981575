import { ReleaseError } from '../../contract/errors';
import { QueryAnswer, QueryProblem } from './schema';

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
  const timeout = `${Math.ceil(options.timeoutMs / 1000)}s`;
  const form = new URLSearchParams({ query: expr, time, timeout });
  const { status, text } = await send(options, '/api/v1/query', form);
  const json = parseJson(text);
  const answer = QueryAnswer.safeParse(json);
  if (status === 200 && answer.success) {
    const { result } = answer.data.data;
    if (result.length > 1) {
      throw unavailable(`${result.length} values where one was asked for: ${expr}`);
    }
    const value = result[0]?.value[1];
    return value === undefined ? null : parseValue(value);
  }
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

export function unavailable(reason: string, cause?: unknown): ReleaseError {
  return new ReleaseError('METRICS_UNAVAILABLE', `Prometheus: ${reason}`, {
    cause,
    details: { remedy: 'Check that Prometheus runs and scrapes the router of the rollout target.' },
  });
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  return response.body ?? [];
}
