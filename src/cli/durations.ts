import { InvalidArgumentError } from 'commander';

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** For options such as `--for 30m`; milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  if (amount === undefined)
    throw new InvalidArgumentError('It takes a duration such as 30m, 12h or 7d.');
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
