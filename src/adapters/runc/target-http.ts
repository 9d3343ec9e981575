import type { z } from 'zod';
import { isErrorCode, ReleaseError } from '../../contract/errors';
import { Problem } from './schema';

export interface TargetHttpOptions {
  /** `http://host:port` of the rollout target. */
  readonly url: string;
  readonly token: string;
  /** For one call, without the time a container may take to get ready. */
  readonly timeoutMs: number;
}

export interface TargetCall<T extends z.ZodType> {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly answer: T;
  /** Added to the time-out. */
  readonly extraMs?: number;
  /** Aborted: the answer is waited for no longer. */
  readonly signal?: AbortSignal | undefined;
}

const MAX_ANSWER_BYTES = 256 * 1024;

/** One call to the target. Throws what the target answered, or ROLLOUT_UNAVAILABLE when that can't be known. */
export async function callTarget<T extends z.ZodType>(
  options: TargetHttpOptions,
  call: TargetCall<T>,
): Promise<z.infer<T>> {
  const { status, text } = await send(options, call);
  const json = parseJson(text);
  if (status >= 400) {
    throw asReleaseError(status, json);
  }
  const parsed = call.answer.safeParse(json);
  if (!parsed.success) {
    throw unavailable(
      `it answered ${call.method} ${call.path} with something unknown`,
      parsed.error,
    );
  }
  return parsed.data;
}

async function send(
  { url, token, timeoutMs }: TargetHttpOptions,
  { method, path, body, extraMs, signal }: TargetCall<z.ZodType>,
): Promise<{ readonly status: number; readonly text: string }> {
  const timeout = AbortSignal.timeout(timeoutMs + (extraMs ?? 0));
  try {
    const response = await fetch(`${url.replace(/\/$/, '')}${path}`, {
      method,
      redirect: 'error',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([timeout, signal]) : timeout,
    });
    return { status: response.status, text: await readBounded(response) };
  } catch (error) {
    signal?.throwIfAborted();
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

function asReleaseError(status: number, json: unknown): ReleaseError {
  const problem = Problem.safeParse(json);
  if (problem.success && isErrorCode(problem.data.code)) {
    const { code, message, details } = problem.data;
    // A wrong token is this side's set-up, not the caller's identity.
    return code === 'UNAUTHENTICATED'
      ? unavailable('it refused the token', problem.data)
      : new ReleaseError(code, message, { details });
  }
  return unavailable(`it answered ${status}`, json);
}

function unavailable(reason: string, cause: unknown): ReleaseError {
  return new ReleaseError('ROLLOUT_UNAVAILABLE', `rollout target: ${reason}`, {
    cause,
    details: { remedy: 'Check that the rollout target runs and that the token file is its own.' },
  });
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  return response.body ?? [];
}
