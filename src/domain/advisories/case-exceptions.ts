import type { ExceptedFinding } from '../exceptions/covers';
import type { GrantedException } from '../exceptions/exception';
import { bareUrlOf, parsePackage } from '../exceptions/package-name';
import { coveredUntil } from '../scan/covered';
import type { AdvisoryHit } from './case';
import { parsePurl } from './purl';

type HitToExcept = Pick<AdvisoryHit, 'advisory' | 'severity' | 'svc' | 'purl'>;

/** As scanners name it: a scope with a slash, a group with a colon. */
function namesOf(purl: string): readonly string[] {
  const parsed = parsePurl(purl);
  if (!parsed) return [purl];
  const { namespace, name } = parsed;
  return namespace === '' ? [name] : [name, `${namespace}/${name}`, `${namespace}:${name}`];
}

function findingsOf({ advisory, severity, purl }: HitToExcept): readonly ExceptedFinding[] {
  return namesOf(purl).map((packageName) => ({
    ...{ vulnerabilityId: advisory, packageName, purl: bareUrlOf(purl) },
    packageVersion: parsePackage(purl).version ?? '',
    needs: severity === 'CRITICAL' || severity === 'HIGH' ? 'break-glass' : 'exception',
  }));
}

/**
 * How long an exception that was approved lets the hit pass, in milliseconds since 1970; -Infinity where none is for it. `exceptions`:
 * those for its service.
 */
export function exceptedUntilMs(hit: HitToExcept, exceptions: readonly GrantedException[]): number {
  const ends = findingsOf(hit).map((finding) =>
    coveredUntil({ ...finding, limit: null }, exceptions, hit.svc),
  );
  return Math.max(-Infinity, ...ends);
}
