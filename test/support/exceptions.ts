import type {
  Exception,
  ExceptionRequest,
  GrantedException,
} from '../../src/domain/exceptions/exception';
import { describeCovered, type CoveredFinding } from '../../src/domain/scan/covered';
import type { Json } from '../../src/domain/verdict';

/** For CVE-2026-0001 in every version of qs, in every service. */
export function grantedOf(over: Partial<GrantedException> = {}): GrantedException {
  return {
    id: 'exc-1',
    kind: 'standard',
    vulnerabilityId: 'CVE-2026-0001',
    packageName: 'qs',
    packageVersion: null,
    svc: null,
    expiresAt: '2999-01-01T00:00:00.000Z',
    revokedAt: null,
    ...over,
  };
}

export function requestOf(over: Partial<ExceptionRequest> = {}): ExceptionRequest {
  const { revokedAt, ...granted } = grantedOf();
  if (revokedAt !== null) throw new Error('a request is not revoked');
  return {
    ...granted,
    reason: 'not reachable',
    owner: 'erin',
    requestedBy: 'alice',
    requestedAt: '2026-01-02T03:04:05.678Z',
    ...over,
  };
}

/** Approved by sam. */
export function exceptionOf(over: Partial<Exception> = {}): Exception {
  return {
    ...requestOf(),
    ...{ approvedBy: 'sam', approvedAt: '2026-01-02T04:00:00.000Z' },
    ...{ revokedBy: null, revokedAt: null, revokeReason: null },
    ...over,
  };
}

/** A Medium in qs 6.5.2 that passed by `grantedOf()`. */
export function coveredFinding(over: Partial<CoveredFinding> = {}): CoveredFinding {
  return {
    exceptionId: 'exc-1',
    vulnerabilityId: 'CVE-2026-0001',
    packageName: 'qs',
    packageVersion: '6.5.2',
    purl: 'pkg:npm/qs',
    needs: 'exception',
    until: '2999-01-01T00:00:00.000Z',
    limit: null,
    ...over,
  };
}

/** What a scan that passed says of the exceptions that it took. */
export function coveredEvidence(...covered: readonly CoveredFinding[]): {
  readonly [name: string]: Json;
} {
  return { covered: covered.map((one) => ({ ...one })), excepted: covered.map(describeCovered) };
}
