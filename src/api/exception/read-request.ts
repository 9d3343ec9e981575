import { ReleaseError } from '../../contract/errors';
import type { ExceptionBody } from '../../contract/schema/api-exception';
import type { Actor } from '../../domain/actor';
import type { ExceptionRequest } from '../../domain/exceptions/exception';
import { parseExpiry } from '../../domain/exceptions/expiry';
import { parsePackage } from '../../domain/exceptions/package-name';
import { exceptionsOf } from '../../domain/exceptions/policy';
import { judgeRequest } from '../../domain/exceptions/rules';
import { findService } from '../checks/inputs';
import type { ApiDependencies } from '../dependencies';
import { refuseFault, requireRoleFor } from './refuse';

type RequestDeps = Pick<ApiDependencies, 'catalog' | 'policy' | 'now'>;

/** Feeds write CVE in capitals; other ids mix them, and are compared without. */
function spellVulnerability(id: string): string {
  return /^cve-/i.test(id) ? id.toUpperCase() : id;
}

function readVersion(body: ExceptionBody, named: string | null): string | null {
  if (body.version !== undefined && named !== null && named !== body.version) {
    throw new ReleaseError('INVALID_INPUT', `The purl names version ${named}`, {
      details: { field: 'version', remedy: 'name the version once' },
    });
  }
  return body.version ?? named;
}

function readExpiry(text: string, nowMs: number): string {
  const expiresAt = parseExpiry(text, nowMs);
  if (expiresAt !== null) return expiresAt;
  throw new ReleaseError('INVALID_INPUT', `"${text}" is no date, no time and no duration`, {
    details: {
      field: 'expires',
      remedy:
        'for example 2026-12-01 (midnight UTC at its start), 2026-12-01T08:00:00Z, 12h or 30d',
    },
  });
}

/** @throws ReleaseError UNKNOWN_SERVICE, FORBIDDEN, INVALID_INPUT with the field at fault */
export function readRequest(
  { catalog, policy, now }: RequestDeps,
  body: ExceptionBody,
  actor: Actor,
  id: string,
): ExceptionRequest {
  requireRoleFor(actor, body, 'requestException');
  const nowMs = now().getTime();
  const named = parsePackage(body.package);
  const request: ExceptionRequest = {
    id,
    kind: body.kind,
    vulnerabilityId: spellVulnerability(body.vulnerability),
    packageName: named.name,
    packageVersion: readVersion(body, named.version),
    svc: body.svc === undefined ? null : findService(catalog, body.svc).svc,
    reason: body.reason,
    owner: body.owner,
    requestedBy: actor.subject,
    requestedAt: new Date(nowMs).toISOString(),
    expiresAt: readExpiry(body.expires, nowMs),
  };
  refuseFault(judgeRequest(request, exceptionsOf(policy), nowMs));
  return request;
}
