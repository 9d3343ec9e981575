import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';

const MAX_BYTES = 1024 * 1024;

export function logUnavailable(reason: string, cause?: unknown): ReleaseError {
  return new ReleaseError('LOG_UNAVAILABLE', `transparency log: ${reason}`, {
    cause,
    details: {
      remedy: 'check that Rekor runs and is reachable; the call is tried again by itself',
    },
  });
}

async function readBounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = response.body;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw logUnavailable(`the answer is over ${MAX_BYTES} bytes`);
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

/**
 * One request, no redirects. Every failure is LOG_UNAVAILABLE, refusals too: what we send is made by us alone,
 * so a refusal says that the log is not set up for us.
 */
export async function callLog(url: URL, timeoutMs: number, json?: unknown): Promise<string> {
  const post = {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(json),
  };
  try {
    const response = await fetch(url, {
      ...(json === undefined ? {} : post),
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    const text = await readBounded(response);
    if (!response.ok) {
      throw logUnavailable(`${url.pathname} answered ${response.status} ${text.slice(0, 200)}`);
    }
    return text;
  } catch (error) {
    if (error instanceof ReleaseError) {
      throw error;
    }
    throw logUnavailable(failureReason(error), error);
  }
}
