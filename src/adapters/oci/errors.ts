import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { errorBody } from './schema';

const MAX_RETRY_AFTER_MS = 300_000;

/** `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), in ms. */
export function retryAfterMs(header: string | null, now = Date.now()): number | undefined {
  if (header === null) {
    return undefined;
  }
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return ms >= 0 ? Math.min(ms, MAX_RETRY_AFTER_MS) : undefined;
}

/** Codes and messages of an error answer (distribution-spec, "Error codes"), in one line. */
function describeBody(body: Buffer): { readonly codes: readonly string[]; readonly text: string } {
  try {
    const { errors } = errorBody.parse(JSON.parse(body.toString('utf8')));
    const text = errors.map(({ code, message }) => (message ? `${code}: ${message}` : code));
    return { codes: errors.map(({ code }) => code), text: text.join('; ').slice(0, 500) };
  } catch {
    return { codes: [], text: '' };
  }
}

function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** What a status outside 2xx means to us. `what` names the request without its query. */
export function statusError(
  what: string,
  status: number,
  headers: Headers,
  body: Buffer,
): ReleaseError {
  const { codes, text } = describeBody(body);
  const message = `${what} answered ${status}${text ? ` (${text})` : ''}`;
  const details = { status, codes };
  if (isTransient(status)) {
    const after = retryAfterMs(headers.get('retry-after'));
    return new ReleaseError('REGISTRY_UNAVAILABLE', message, {
      details: { ...details, remedy: 'see the registry; the call is tried again by itself' },
      ...(after === undefined ? {} : { retryAfterMs: after }),
    });
  }
  if (status === 401 || status === 403) {
    return new ReleaseError('FORBIDDEN', message, {
      details: { ...details, remedy: 'check the registry credentials and their rights' },
    });
  }
  if (status === 404) {
    return new ReleaseError('DIGEST_NOT_FOUND', message, {
      details: { ...details, remedy: 'check repository and digest, and that retention kept it' },
    });
  }
  return new ReleaseError('INVALID_INPUT', message, {
    details: { ...details, remedy: 'the registry refused the request; see its message' },
  });
}

/** The connection failed or went quiet: nothing is known about the answer. */
export function networkError(what: string, cause: unknown): ReleaseError {
  return new ReleaseError('REGISTRY_UNAVAILABLE', `${what} failed: ${failureReason(cause)}`, {
    cause,
    details: { remedy: 'check that the registry runs and is reachable' },
  });
}
