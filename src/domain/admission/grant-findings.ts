import type { Environment } from '../reference';
import type { AllowListPolicy } from './allow-policy';
import type { AllowFinding } from './allow-reason';
import { matchesGlob } from './glob';
import { endOfGrant, isOwnGrant, needsFourEyes, type Grant } from './grant';

interface Asked {
  readonly repository: string;
  readonly namespace: string;
  readonly environment: Environment | null;
  readonly nowMs: number;
}

/** What grants of the repository and digest say; each is judged by the policy of now, not of when it was given. */
export function grantFindings(
  grants: readonly Grant[],
  policy: Pick<AllowListPolicy, 'maxGrantMs'>,
  asked: Asked,
): readonly AllowFinding[] {
  return grants
    .filter(({ repository }) => repository === asked.repository)
    .map((grant) => findingOf(grant, policy, asked));
}

function findingOf(
  grant: Grant,
  policy: Pick<AllowListPolicy, 'maxGrantMs'>,
  asked: Asked,
): AllowFinding {
  const { id, owner, grantedBy, reason } = grant;
  const endMs = endOfGrant(grant, policy);
  const until = new Date(endMs).toISOString();
  if (endMs <= asked.nowMs) return { kind: 'grant-expired', id, at: until };
  if (!covers(grant, asked)) return { kind: 'grant-elsewhere', id, scope: scopeOf(grant) };
  if (needsFourEyes(asked.environment) && isOwnGrant(grant))
    return { kind: 'grant-own', id, owner };
  return { kind: 'grant', id, owner, by: grantedBy, reason, until };
}

function covers({ namespaces, environment }: Grant, asked: Asked): boolean {
  if (namespaces !== null) return matchesGlob(namespaces, asked.namespace);
  return environment !== null && environment === asked.environment;
}

function scopeOf({ namespaces, environment }: Grant): string {
  return namespaces === null ? `the environment ${environment ?? ''}` : `namespace ${namespaces}`;
}
