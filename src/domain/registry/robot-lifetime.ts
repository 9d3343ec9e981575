const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SPAN = /^(\d{1,6})(s|m|h|d)$/;

export const DEFAULT_LIFETIME = '90d';
export const DEFAULT_GRACE = '24h';
const MAX_LIFETIME_DAYS = 366;
const MAX_GRACE_DAYS = 30;

function parseSpan(text: string, maxDays: number): number {
  const [, amount, unit] = SPAN.exec(text) ?? [];
  const ms = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  if (ms <= maxDays * UNIT_MS.d) return ms;
  throw new RangeError(`"${text}" is not a time of at most ${maxDays}d, such as 12h or 7d`);
}

/**
 * How long a new robot lives, in milliseconds; null for `never`, which only an admin may give: a secret that nobody has to
 * look at again outlives the memory of what it is for.
 *
 * @throws RangeError for what is no time, 0, or more than 366 days
 */
export function parseLifetime(text: string): number | null {
  if (text === 'never') return null;
  const ms = parseSpan(text, MAX_LIFETIME_DAYS);
  if (ms > 0) return ms;
  throw new RangeError('A robot that expires at once is of no use: give a time such as 90d');
}

/**
 * How long the old secret works beside the new one, in milliseconds; 0 = not at all.
 *
 * @throws RangeError for what is no time, or more than 30 days
 */
export function parseGrace(text: string): number {
  return parseSpan(text, MAX_GRACE_DAYS);
}
