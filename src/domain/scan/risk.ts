/** A list as a file, by its bytes. */
export interface ListFacts {
  /** `sha256:` of the file. */
  readonly digest: string;
  /** RFC 3339: when its publisher made it. */
  readonly updatedAt: string;
}

/** What lists of exploited vulnerabilities say of those that were asked for; null: no such list is given. */
export interface RiskFacts {
  /** CISA, Known Exploited Vulnerabilities. */
  readonly kev: (ListFacts & { readonly listed: readonly string[] }) | null;
  /** FIRST, Exploit Prediction Scoring System: the chance of being exploited within 30 days, 0 to 1. */
  readonly epss: (ListFacts & { readonly scores: Readonly<Record<string, number>> }) | null;
}

/** Rules beside severity; each is off where the policy does not name it. Durations in milliseconds. */
export interface RiskPolicy {
  /** A vulnerability that is known to be exploited fails, whatever its severity; nothing excepts it. */
  readonly kev?: { readonly maxAgeMs: number };
  /** At this score or above a Medium or Unknown counts as a High. */
  readonly epss?: { readonly threshold: number; readonly maxAgeMs: number };
  /** A Medium or Unknown with a fix fails once its advisory is older. */
  readonly fixAvailable?: { readonly maxAgeMs: number };
}

export const NO_RISK: RiskFacts = { kev: null, epss: null };

const CLOCK_SKEW_MS = 5 * 60_000;

function distrustList(
  name: string,
  list: ListFacts | null,
  rule: { readonly maxAgeMs: number } | undefined,
  nowMs: number,
): string | null {
  if (!rule) return null;
  if (!list) return `The policy asks for the ${name} list, and none is given.`;
  const ageMs = nowMs - Date.parse(list.updatedAt);
  // A date that can't be read compares false, so it never counts as fresh.
  if (!(ageMs <= rule.maxAgeMs)) {
    return `The ${name} list is of ${list.updatedAt}; the policy allows ${(rule.maxAgeMs / 3_600_000).toFixed(1)} h.`;
  }
  return ageMs < -CLOCK_SKEW_MS
    ? `The ${name} list is dated in the future (${list.updatedAt}).`
    : null;
}

/** Why a list that the policy asks for can't be believed; empty when all can. */
export function distrustLists(
  risk: RiskFacts,
  policy: RiskPolicy,
  nowMs: number,
): readonly string[] {
  return [
    distrustList('KEV', risk.kev, policy.kev, nowMs),
    distrustList('EPSS', risk.epss, policy.epss, nowMs),
  ].filter((why) => why !== null);
}
