import { ReleaseError } from '../../contract/errors';

/** Nobody can take a lock back, and storage is paid for as long. */
const MAX_YEARS = 10;

function refuse(message: string, remedy: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', message, { details: { field: 'lockUntil', remedy } });
}

/** In whole seconds, as stores keep it. @throws ReleaseError INVALID_INPUT */
export function readLockUntil(text: string, after: Date, now: Date): string {
  const at = new Date(Math.ceil(Date.parse(text) / 1_000) * 1_000);
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + MAX_YEARS);
  if (at <= after) {
    throw refuse(`${text} is not later than ${after.toISOString()}`, 'a lock can only get longer');
  }
  if (at > latest) {
    throw refuse(
      `${text} is more than ${MAX_YEARS} years ahead`,
      'lock it for less; it can be locked for longer later',
    );
  }
  return at.toISOString();
}
