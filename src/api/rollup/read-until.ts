import { ReleaseError } from '../../contract/errors';
import { parseInstant, parseLocalDate } from '../../domain/freeze-time';

const DAY_MS = 86_400_000;
/** Two quarters: who needs longer says so again. */
const MAX_DAYS = 183;

/** RFC 3339 of a time, or of the end of a day in UTC. @throws ReleaseError INVALID_INPUT */
export function readUntil(text: string, now: Date): string {
  const day = parseLocalDate(text);
  const ms = day === null ? Date.parse(parseInstant(text) ?? '') : Date.parse(day) + DAY_MS;
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
