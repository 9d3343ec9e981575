import { z } from 'zod';

export const UNIT_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;
const MAX_DAYS = 366;

/** A duration as people write it, `15m`; milliseconds after parsing. */
export function durationFrom(
  leastMs: number,
  least = `${leastMs}ms`,
  mostDays = MAX_DAYS,
): z.ZodType<number, string> {
  return z
    .string('expected a duration such as 500ms, 30s, 15m, 24h or 7d')
    .transform((text, context) => {
      const [, amount, unit] = DURATION.exec(text) ?? [];
      const ms = Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
      if (Number.isInteger(ms) && ms >= leastMs && ms <= mostDays * UNIT_MS.d) {
        return ms;
      }
      context.addIssue(
        `"${text}" is not a duration from ${least} to ${mostDays}d, such as 30s, 15m or 24h`,
      );
      return z.NEVER;
    });
}

export const Duration = durationFrom(1);
