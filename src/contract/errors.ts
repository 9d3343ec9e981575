interface ErrorRow {
  /** Whether trying the same thing again may help without anyone acting. */
  readonly retryable: boolean;
  /** HTTP status of the API (RFC 9110). */
  readonly status: number;
  /** Exit code of the CLI: 2 usage, 3 refused by a rule, 4 not found, 5 conflict, 6 not allowed, 7 a dependency is down, 8 a gate failed, 1 anything else. */
  readonly exit: number;
  /** Static text for logs and problem titles. */
  readonly label: string;
}

/** The one error table (docs/errors.md is made from it). */
export const ERRORS = {
  INVALID_INPUT: { retryable: false, status: 400, exit: 2, label: 'Invalid input' },
  UNKNOWN_SERVICE: { retryable: false, status: 404, exit: 4, label: 'Unknown service' },
  RELEASE_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such release' },
  DIGEST_NOT_FOUND: {
    retryable: false,
    status: 404,
    exit: 4,
    label: 'No such digest in the registry',
  },
  SOURCE_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such source folder' },
  REPOSITORY_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such repository' },
  TAG_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such tag' },
  ROBOT_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such robot' },
  ROBOT_EXISTS: { retryable: false, status: 409, exit: 5, label: 'Robot exists already' },
  FREEZE_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such freeze' },
  FREEZE_EXISTS: { retryable: false, status: 409, exit: 5, label: 'Freeze exists already' },
  DRILL_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such drill report' },
  PLAN_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such clean-up plan' },
  PLAN_NOT_READY: { retryable: false, status: 409, exit: 3, label: 'Clean-up plan may not run' },
  NOT_QUARANTINED: { retryable: false, status: 409, exit: 5, label: 'Digest is not quarantined' },
  GRANT_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such grant' },
  EXCEPTION_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such exception' },
  EXCEPTION_SETTLED: {
    retryable: false,
    status: 409,
    exit: 5,
    label: 'Exception is not in a state for this',
  },
  HOLD_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such hold' },
  COPY_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such incident copy' },
  COPY_INCOMPLETE: {
    retryable: false,
    status: 409,
    exit: 5,
    label: 'Incident copy is not complete',
  },
  CASE_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such advisory case' },
  CASE_CLOSED: { retryable: false, status: 409, exit: 5, label: 'Advisory case is closed' },
  CASE_EXTENDED: {
    retryable: false,
    status: 409,
    exit: 3,
    label: 'Advisory case was extended before',
  },
  NOT_DENIED: { retryable: false, status: 409, exit: 5, label: 'Digest is not denied' },
  RECLAIM_RUNNING: { retryable: false, status: 409, exit: 5, label: 'Storage is being reclaimed' },
  COLLECTOR_FAILED: { retryable: false, status: 500, exit: 7, label: 'Collector failed' },
  TOMBSTONE_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'Nothing to restore' },
  ROLLUP_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such rollup' },
  OPT_OUT_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such opt-out' },
  RUN_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such clean-up run' },
  LABEL_MISSING: { retryable: false, status: 422, exit: 3, label: 'Required label missing' },
  LATEST_REFUSED: { retryable: false, status: 422, exit: 3, label: 'The tag latest is refused' },
  BASE_NOT_FOUND: { retryable: false, status: 404, exit: 4, label: 'No such base' },
  BASE_REFUSED: { retryable: false, status: 422, exit: 3, label: 'Base image refused' },
  BUILD_REFUSED: { retryable: false, status: 422, exit: 3, label: 'Build refused by policy' },
  BUILD_FAILED: { retryable: false, status: 422, exit: 8, label: 'Build failed' },
  ATTESTATION_INVALID: {
    retryable: false,
    status: 422,
    exit: 8,
    label: 'Provenance or SBOM invalid',
  },
  SIGNATURE_INVALID: { retryable: false, status: 422, exit: 8, label: 'Signature invalid' },
  GATE_FAILED: { retryable: false, status: 422, exit: 8, label: 'A gate stopped the release' },
  TAG_TAKEN: {
    retryable: false,
    status: 409,
    exit: 5,
    label: 'Tag already written with another digest',
  },
  CHANNEL_MOVED: {
    retryable: false,
    status: 409,
    exit: 5,
    label: 'Channel was moved by someone else',
  },
  FENCED: { retryable: false, status: 409, exit: 5, label: 'A newer writer owns this service' },
  BAD_DIGEST: { retryable: false, status: 409, exit: 3, label: 'Digest is remembered as bad' },
  QUARANTINED: { retryable: false, status: 409, exit: 3, label: 'Digest is quarantined' },
  LANE_FULL: { retryable: false, status: 429, exit: 5, label: 'Lane is full' },
  LANE_HELD: { retryable: false, status: 409, exit: 5, label: 'Lane is held' },
  NO_ROLLBACK_TARGET: {
    retryable: false,
    status: 409,
    exit: 4,
    label: 'No digest to roll back to',
  },
  REVERT_KEY_INVALID: {
    retryable: false,
    status: 403,
    exit: 6,
    label: 'Revert key invalid, used or expired',
  },
  NOT_WAITING: {
    retryable: false,
    status: 409,
    exit: 5,
    label: 'Release is not in a state for this',
  },
  ALREADY_ENDED: { retryable: false, status: 409, exit: 5, label: 'Release has already ended' },
  UNAUTHENTICATED: { retryable: false, status: 401, exit: 6, label: 'Not logged in' },
  FORBIDDEN: { retryable: false, status: 403, exit: 6, label: 'Not allowed' },
  IDENTITY_UNAVAILABLE: {
    retryable: true,
    status: 503,
    exit: 7,
    label: 'Token issuer unavailable',
  },
  NOTIFIER_UNAVAILABLE: {
    retryable: true,
    status: 503,
    exit: 7,
    label: 'Notification receiver unavailable',
  },
  TOO_MANY_REQUESTS: { retryable: true, status: 429, exit: 7, label: 'Too many requests' },
  TIMED_OUT: { retryable: false, status: 504, exit: 7, label: 'Took too long' },
  REGISTRY_UNAVAILABLE: { retryable: true, status: 503, exit: 7, label: 'Registry unavailable' },
  LEDGER_UNAVAILABLE: {
    retryable: true,
    status: 503,
    exit: 7,
    label: 'Ledger (Postgres) unavailable',
  },
  BUILDER_UNAVAILABLE: { retryable: true, status: 503, exit: 7, label: 'Builder unavailable' },
  SCANNER_UNAVAILABLE: { retryable: true, status: 503, exit: 7, label: 'Scanner unavailable' },
  SIGNER_UNAVAILABLE: { retryable: true, status: 503, exit: 7, label: 'Signer or key unavailable' },
  LOG_UNAVAILABLE: { retryable: true, status: 503, exit: 7, label: 'Transparency log unavailable' },
  METRICS_UNAVAILABLE: { retryable: true, status: 503, exit: 7, label: 'Metrics unavailable' },
  WORM_UNAVAILABLE: { retryable: true, status: 503, exit: 7, label: 'WORM store unavailable' },
  WORM_REFUSED: { retryable: false, status: 409, exit: 3, label: 'WORM store is not fit for it' },
  WORM_CORRUPT: {
    retryable: false,
    status: 422,
    exit: 8,
    label: 'Content is not what its digest says',
  },
  ROLLOUT_UNAVAILABLE: {
    retryable: true,
    status: 503,
    exit: 7,
    label: 'Rollout target unavailable',
  },
  ORCHESTRATOR_UNAVAILABLE: {
    retryable: true,
    status: 503,
    exit: 7,
    label: 'Temporal unavailable',
  },
  API_UNAVAILABLE: { retryable: true, status: 503, exit: 7, label: 'API unavailable' },
  ROLLOUT_FAILED: {
    retryable: false,
    status: 422,
    exit: 8,
    label: 'Container did not become ready',
  },
  INTERNAL: { retryable: false, status: 500, exit: 1, label: 'Internal error' },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

export function isErrorCode(text: unknown): text is ErrorCode {
  return typeof text === 'string' && Object.hasOwn(ERRORS, text);
}

export type SafeDetails = Readonly<Record<string, string | number | boolean | readonly string[]>>;

interface ReleaseErrorOptions {
  readonly cause?: unknown;
  /** Shown to callers and stored in histories: no secrets. `remedy` and `field` are shown by name. */
  readonly details?: SafeDetails;
  readonly retryAfterMs?: number;
}

/** The only error that crosses a layer. Expected bad news is a verdict, not an error. */
export class ReleaseError extends Error {
  readonly code: ErrorCode;
  readonly details: SafeDetails;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: ReleaseErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'ReleaseError';
    this.code = code;
    this.details = options.details ?? {};
    this.retryAfterMs = options.retryAfterMs;
  }
}
