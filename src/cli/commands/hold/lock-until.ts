import { InvalidArgumentError } from 'commander';

/** A day is over when it ends, in UTC. */
export function parseLockUntil(text: string): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const at = new Date(isDay ? `${text}T23:59:59Z` : text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(at.getTime())) return at.toISOString();
  throw new InvalidArgumentError('It takes a day or a time, such as 2028-01-31.');
}
