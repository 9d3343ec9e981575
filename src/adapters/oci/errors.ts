import { failureReason } from '../../contract/error-reason';
import { ReleaseError, type ErrorCode } from '../../contract/errors';
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

interface ErrorAnswer {
  readonly codes: readonly string[];
  /** Codes and messages in one line. */
  readonly text: string;
  /** The gateway's rule that refused it (docs/gateway.md), and what it says to do. */
  readonly rule?: string | undefined;
  readonly remedy?: string | undefined;
}

/** distribution-spec, "Error codes". */
function readBody(body: Buffer): ErrorAnswer {
  try {
    const { errors } = errorBody.parse(JSON.parse(body.toString('utf8')));
    const text = errors.map(({ code, message }) => (message ? `${code}: ${message}` : code));
    return {
      codes: errors.map(({ code }) => code),
      text: text.join('; ').slice(0, 500),
      ...errors[0]?.detail,
    };
  } catch {
    return { codes: [], text: '' };
  }
}

function isTransient(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Rules of the gateway that have a meaning of their own to a release. */
const CODES_OF_RULES: Readonly<Record<string, ErrorCode>> = {
  'tag-write-once': 'TAG_TAKEN',
  quarantined: 'QUARANTINED',
};

function meaningOf(status: number, rule: string): readonly [ErrorCode, string] {
  const special = Object.hasOwn(CODES_OF_RULES, rule) ? CODES_OF_RULES[rule] : undefined;
  if (special !== undefined) {
    return [special, 'see the message of the registry'];
  }
  if (isTransient(status)) {
    return ['REGISTRY_UNAVAILABLE', 'see the registry; the call is tried again by itself'];
  }
  if (status === 401 || status === 403) {
    return ['FORBIDDEN', 'check the registry credentials and their rights'];
  }
  return status === 404
    ? ['DIGEST_NOT_FOUND', 'check repository and digest, and that retention kept it']
    : ['INVALID_INPUT', 'the registry refused the request; see its message'];
}

/** What a status outside 2xx means to us. `what` names the request without its query. */
export function statusError(
  what: string,
  status: number,
  headers: Headers,
  body: Buffer,
): ReleaseError {
  const { codes, text, rule, remedy } = readBody(body);
  const [code, ownRemedy] = meaningOf(status, rule ?? '');
  const after = isTransient(status) ? retryAfterMs(headers.get('retry-after')) : undefined;
  return new ReleaseError(code, `${what} answered ${status}${text ? ` (${text})` : ''}`, {
    details: {
      status,
      codes,
      ...(rule === undefined ? {} : { rule }),
      remedy: remedy ?? ownRemedy,
    },
    ...(after === undefined ? {} : { retryAfterMs: after }),
  });
}

/** The connection failed or went quiet: nothing is known about the answer. */
export function networkError(what: string, cause: unknown): ReleaseError {
  return new ReleaseError('REGISTRY_UNAVAILABLE', `${what} failed: ${failureReason(cause)}`, {
    cause,
    details: { remedy: 'check that the registry runs and is reachable' },
  });
}
