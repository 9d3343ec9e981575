import type { GrantedException } from './exception';
import { isPackageUrl } from './package-name';

/** A finding that only an exception lets pass, and which kind of it. */
export interface ExceptedFinding {
  readonly vulnerabilityId: string;
  readonly packageName: string;
  readonly packageVersion: string;
  /** Without version, as `bareUrlOf` spells it; null where the scanner names none. */
  readonly purl: string | null;
  readonly needs: 'exception' | 'break-glass';
}

/**
 * Whether an exception is for this finding in this service: vulnerability AND package, whatever the time. Postgres asks the same by
 * `COVERS` (adapters/postgres/exceptions-cover.ts); one contract suite runs on both.
 */
export function covers(
  exception: GrantedException,
  finding: ExceptedFinding,
  svc: string,
): boolean {
  const { vulnerabilityId, packageName, packageVersion } = exception;
  if (finding.needs === 'break-glass' && exception.kind !== 'break-glass') return false;
  if (exception.svc !== null && exception.svc !== svc) return false;
  if (vulnerabilityId.toLowerCase() !== finding.vulnerabilityId.toLowerCase()) return false;
  if (packageVersion !== null && packageVersion !== finding.packageVersion) return false;
  return isPackageUrl(packageName)
    ? packageName === finding.purl
    : packageName === finding.packageName;
}
