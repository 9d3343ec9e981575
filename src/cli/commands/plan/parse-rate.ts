import { InvalidArgumentError } from 'commander';

/** For `--rps`: requests a second, fractions too. */
export function parseRate(text: string): number {
  const rate = /^\d{1,7}(?:\.\d{1,6})?$/.test(text) ? Number(text) : 0;
  if (rate > 0) return rate;
  throw new InvalidArgumentError('It takes a number above 0, such as 40 or 0.5.');
}
