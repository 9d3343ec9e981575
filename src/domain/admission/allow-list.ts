import type { Digest } from '../digest';
import type { Environment } from '../reference';
import { isInForce } from '../registry/quarantine';
import type { AllowFacts } from './allow-facts';
import type { AllowListPolicy } from './allow-policy';
import { toReason, type AllowFinding, type AllowReason } from './allow-reason';
import { bindingOf } from './binding';
import { channelFindings } from './channel-findings';
import { grantFindings } from './grant-findings';
import { environmentOf } from './namespaces';

export interface AllowQuery {
  readonly repository: string;
  readonly digest: Digest;
  readonly namespace: string;
  readonly nowMs: number;
}

export interface AllowDecision {
  readonly allowed: boolean;
  /** Of the namespace; null when the policy knows none. */
  readonly environment: Environment | null;
  /** Everything found, blocks first; never empty. What lacks stands there of an allowed image too. */
  readonly reasons: readonly AllowReason[];
  /** RFC 3339: allowed until then at the longest. Null: no end is known, or it is not allowed. */
  readonly expiresAt: string | null;
  readonly revision: number;
}

/**
 * Whether an image may run in a namespace, as far as the ledger says; signatures and vulnerabilities are judged elsewhere. A
 * quarantine or a denial beats every grant and channel. The facts must be of the query's repository and digest.
 */
export function judgeAllowed(
  facts: AllowFacts,
  policy: AllowListPolicy,
  query: AllowQuery,
): AllowDecision {
  const environment = environmentOf(query.namespace, policy.namespaces);
  const reasons = [
    ...blockFindings(facts, query.nowMs),
    ...ledgerFindings(facts, policy, { ...query, environment }),
    ...grantFindings(facts.grants, policy, { ...query, environment }),
  ].map(toReason);
  const blocked = reasons.some(({ effect }) => effect === 'blocks');
  const allowing = reasons.filter(({ effect }) => effect === 'allows');
  const allowed = !blocked && allowing.length > 0;
  const expiresAt = allowed ? latestEnd(allowing) : null;
  return { allowed, environment, reasons, expiresAt, revision: facts.revision };
}

/** What a denial should tell: what blocks it, else what it lacks. Empty for an allowed image. */
export function refusalsOf({ allowed, reasons }: AllowDecision): readonly AllowReason[] {
  if (allowed) return [];
  const blocks = reasons.filter(({ effect }) => effect === 'blocks');
  return blocks.length > 0 ? blocks : reasons.filter(({ effect }) => effect === 'lacks');
}

/** Grace of a quarantine is for pulls of what runs already; nothing new starts by it. */
export function blockFindings(
  { quarantines, denials }: Pick<AllowFacts, 'quarantines' | 'denials'>,
  nowMs: number,
): readonly AllowFinding[] {
  const inForce = quarantines.filter((block) => isInForce(block, nowMs));
  return [
    ...inForce.map(
      ({ cause, reason, cves, by, at, expiresAt: until }) =>
        ({ kind: 'quarantined', cause, reason, cves, by, at, until }) as const,
    ),
    ...denials.map(
      ({ digest: cause, reason, by, at }) => ({ kind: 'denied', cause, reason, by, at }) as const,
    ),
  ];
}

type Asked = AllowQuery & { readonly environment: Environment | null };

function ledgerFindings(
  facts: AllowFacts,
  policy: AllowListPolicy,
  { repository, digest, namespace, environment, nowMs }: Asked,
): readonly AllowFinding[] {
  const pinned = policy.system.some(
    (image) => image.repository === repository && image.digests.includes(digest),
  );
  if (pinned) return [{ kind: 'system-image', repository }];
  const nowhere = environment === null ? [{ kind: 'no-environment', namespace } as const] : [];
  const binding = bindingOf(repository, facts);
  if (!binding.bound) return [...nowhere, binding.finding];
  if (environment === null) return nowhere;
  return channelFindings(facts, policy, { svc: binding.svc, environment, nowMs });
}

function latestEnd(allowing: readonly AllowReason[]): string | null {
  const ends = allowing.map((reason) => ('until' in reason ? reason.until : null));
  return ends.reduce((one, other) => (one === null || other === null ? null : later(one, other)));
}

function later(one: string, other: string): string {
  return Date.parse(one) > Date.parse(other) ? one : other;
}
