import { ReleaseError } from '../../contract/errors';
import type { ScenarioStep } from '../../domain/service';
import type { ScenarioStepResult } from '../../ports/scenarios';

const MAX_BODY_BYTES = 64 * 1024;
const MAX_REDIRECTS = 3;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Sends one step and compares. Throws only what makes it impossible to send: INVALID_INPUT, or the abort's reason. */
export async function runStep(
  baseUrl: string,
  step: ScenarioStep,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<ScenarioStepResult> {
  signal?.throwIfAborted();
  const url = targetOf(baseUrl, step);
  const limitMs = Math.min(timeoutMs, step.expect.maxMs ?? timeoutMs);
  const deadline = AbortSignal.timeout(limitMs);
  const started = performance.now();
  const took = (): number => Math.round(performance.now() - started);
  try {
    const answer = await send(url, step, signal ? AbortSignal.any([deadline, signal]) : deadline);
    const durationMs = took();
    const reason = whatIsWrong(step, answer, durationMs);
    return { name: step.name, ok: reason === '', durationMs, status: answer.status, reason };
  } catch (error) {
    signal?.throwIfAborted();
    const reason = deadline.aborted ? `no answer within ${limitMs} ms` : messageOf(error);
    return { name: step.name, ok: false, durationMs: took(), status: null, reason };
  }
}

function targetOf(baseUrl: string, { name, path }: ScenarioStep): URL {
  const base = URL.parse(baseUrl);
  const url = URL.parse(path, baseUrl);
  // "//host/path" and "http://…" are paths to some, and another host to a URL parser.
  if (!base || !url || !path.startsWith('/') || url.origin !== base.origin) {
    throw new ReleaseError(
      'INVALID_INPUT',
      `step "${name}": "${path}" is no path below ${baseUrl}`,
      {
        details: { remedy: 'Write the path of a scenario step absolute, without a host.' },
      },
    );
  }
  return url;
}

async function send(url: URL, step: ScenarioStep, signal: AbortSignal): Promise<Answer> {
  let target = url;
  for (let hop = 0; ; hop += 1) {
    const response = await fetch(target, {
      method: step.method,
      redirect: 'manual',
      signal,
      ...(step.headers ? { headers: step.headers } : {}),
      ...(step.body === undefined || step.method === 'GET' || step.method === 'HEAD'
        ? {}
        : { body: step.body }),
    });
    const next = hop < MAX_REDIRECTS ? redirectOf(response, target, step) : null;
    if (!next) {
      return {
        status: response.status,
        headers: response.headers,
        body: await readStart(response),
      };
    }
    await response.body?.cancel();
    target = next;
  }
}

/** Followed on the same host for plain reads, unless the redirect itself is what the step expects. */
function redirectOf(response: Response, from: URL, { method, expect }: ScenarioStep): URL | null {
  const location = response.headers.get('location');
  const redirected = response.status >= 300 && response.status < 400 && location !== null;
  if (!redirected || expect.status === response.status || (method !== 'GET' && method !== 'HEAD')) {
    return null;
  }
  const to = URL.parse(location, from.href);
  return to?.origin === from.origin ? to : null;
}

async function readStart(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyOf(response)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BODY_BYTES) {
      break;
    }
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8');
}

function whatIsWrong({ expect }: ScenarioStep, answer: Answer, durationMs: number): string {
  if (answer.status !== expect.status) {
    return `expected status ${expect.status}, got ${answer.status}`;
  }
  if (expect.bodyContains !== undefined && !answer.body.includes(expect.bodyContains)) {
    return `expected "${expect.bodyContains}" in the body, got "${answer.body.slice(0, 120)}"`;
  }
  for (const [name, value] of Object.entries(expect.headers ?? {})) {
    const got = answer.headers.get(name);
    if (got !== value) {
      return `expected header ${name} to be "${value}", got ${got === null ? 'none' : `"${got}"`}`;
    }
  }
  const slow = expect.maxMs !== undefined && durationMs > expect.maxMs;
  return slow ? `took ${durationMs} ms, limit ${expect.maxMs} ms` : '';
}

function messageOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  return response.body ?? [];
}
