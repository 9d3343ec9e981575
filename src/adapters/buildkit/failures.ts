import { ReleaseError } from '../../contract/errors';

/** The Dockerfile's own fault, whatever words its output holds. */
const BUILD_FAULT =
  /did not complete successfully|dockerfile parse error|failed to read dockerfile|failed to compute cache key|failed to calculate checksum/i;

/** Daemon or registry could not be reached, or broke. */
const UNREACHABLE =
  /connection refused|connection reset|connection error|error while dialing|no such host|i\/o timeout|deadline exceeded|broken pipe|unexpected EOF|transport is closing|code = Unavailable|failed to list workers|5\d\d (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Timeout)|no space left on device/i;

/** The registry said no to the builder's credentials, or has none of them. */
const NOT_ALLOWED =
  /failed to authorize|failed to fetch (?:oauth|anonymous) token|insufficient_scope|authorization failed|(?:401 Unauthorized|403 Forbidden)|: (?:denied|unauthorized): /i;

export function builderUnavailable(reason: string, cause?: unknown): ReleaseError {
  return new ReleaseError('BUILDER_UNAVAILABLE', `The builder could not be used: ${reason}`, {
    cause,
    details: { remedy: 'check that buildkitd and the registry run and can be reached' },
  });
}

/** @param output what the failed step printed last */
export function buildFailed(reason: string, output: readonly string[]): ReleaseError {
  const tail = output.slice(-5).join(' | ');
  return new ReleaseError('BUILD_FAILED', `The build failed: ${reason}${tail && ` (${tail})`}`, {
    details: { remedy: 'repair the Dockerfile or the source and release again', output },
  });
}

function notAllowed(reason: string): ReleaseError {
  return new ReleaseError('FORBIDDEN', `The registry refused the builder: ${reason}`, {
    details: {
      remedy:
        'check PLURA_BUILDER_REGISTRY_USERNAME and its secret: it pushes to apps/** and pulls bases/**',
    },
  });
}

/** Whose fault it was, by the error that buildctl ended with. */
export function failureOf(error: string, output: readonly string[]): ReleaseError {
  const reason = error.replace(/^failed to solve: /, '') || 'buildctl ended without a reason';
  if (BUILD_FAULT.test(reason)) return buildFailed(reason, output);
  if (UNREACHABLE.test(reason)) return builderUnavailable(reason);
  return NOT_ALLOWED.test(reason) ? notAllowed(reason) : buildFailed(reason, output);
}
