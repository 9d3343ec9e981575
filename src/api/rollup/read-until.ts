import { ReleaseError } from '../../contract/errors';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;
/** Two quarters: who needs longer says so again. */
const MAX_DAYS = 183;

/** RFC 3339 of a time, or of the end of a day in UTC. @throws ReleaseError INVALID_INPUT */
export function readUntil(text: string, now: Date): string {
  const ms = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) + DAY_MS : Date.parse(text);
  if (Number.isNaN(ms)) throw refuse(`"${text}" is no day and no time`);
  if (ms <= now.getTime()) throw refuse(`${text} is over`);
  if (ms - now.getTime() > MAX_DAYS * DAY_MS) {
    throw refuse(`${text} is more than ${MAX_DAYS} days from now`);
  }
  return new Date(ms).toISOString();
}

function refuse(message: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', message, {
    details: { field: 'until', remedy: 'give a day such as 2027-01-31, or an RFC 3339 time' },
  });
}
