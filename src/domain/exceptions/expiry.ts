import { parseInstant, parseLocalDate } from '../freeze-time';

const DURATION = /^([1-9]\d{0,3})(m|h|d)$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * The end of an exception as people write it. A date is midnight UTC at its start, as trivy reads `expired_at`: `2026-12-01` covers
 * the 30th of November to its last second. Null when it is no date, no RFC 3339 time and no duration such as 12h or 30d.
 */
export function parseExpiry(text: string, nowMs: number): string | null {
  const [, amount, unit] = DURATION.exec(text.trim()) ?? [];
  if (amount !== undefined) {
    return new Date(nowMs + Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS]).toISOString();
  }
  const date = parseLocalDate(text);
  return date === null ? parseInstant(text) : `${date}T00:00:00.000Z`;
}

/** `6d 4h`, `3h 20m`, `45s`: how long it still covers; `over` at the end and after it. */
export function describeLeft(endMs: number, nowMs: number): string {
  const left = Math.ceil((endMs - nowMs) / 1000);
  if (!(left > 0)) return 'over';
  const days = Math.floor(left / 86_400);
  const hours = Math.floor((left % 86_400) / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${minutes}m`;
  return minutes > 0 ? `${minutes}m ${left % 60}s` : `${left}s`;
}
