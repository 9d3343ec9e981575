import { ScheduleFault } from './freeze-fault';

/** Days follow the calendar and may have 23 or 25 hours; seconds are exact (RFC 5545, 3.3.6). */
export interface FreezeDuration {
  readonly days: number;
  readonly seconds: number;
}

const EXAMPLE = 'PT62H or 62h, P2D or 2d, P2DT14H or 2d14h';
const DAY_S = 86_400;
const MIN_S = 60;
const MAX_DAYS = 92;

// RFC 5545, 3.3.6 dur-value without a sign, and as people write it.
const STANDARD =
  /^P(?:(?<w>\d{1,4})W|(?=[\dT])(?:(?<d>\d{1,4})D)?(?:T(?=\d)(?:(?<h>\d{1,6})H)?(?:(?<m>\d{1,6})M)?(?:(?<s>\d{1,6})S)?)?)$/;
const SHORT =
  /^(?=\d)(?:(?<w>\d{1,4})w)?(?:(?<d>\d{1,4})d)?(?:(?<h>\d{1,6})h)?(?:(?<m>\d{1,6})m)?(?:(?<s>\d{1,6})s)?$/;

function read(text: string): FreezeDuration | null {
  const groups = (STANDARD.exec(text.toUpperCase()) ?? SHORT.exec(text.toLowerCase()))?.groups;
  if (!groups) return null;
  const of = (unit: string): number => Number(groups[unit] ?? 0);
  return {
    days: of('w') * 7 + of('d'),
    seconds: of('h') * 3600 + of('m') * 60 + of('s'),
  };
}

/** @throws ScheduleFault unless it is a duration from a minute to 92 days */
export function parseFreezeDuration(text: string): FreezeDuration {
  const duration = read(text.trim());
  if (!duration) {
    throw new ScheduleFault('duration', `"${text}" is not a duration`, EXAMPLE);
  }
  const total = duration.days * DAY_S + duration.seconds;
  if (total < MIN_S || total > MAX_DAYS * DAY_S) {
    throw new ScheduleFault(
      'duration',
      `"${text}" is not between a minute and ${MAX_DAYS} days`,
      EXAMPLE,
    );
  }
  return duration;
}

/** The RFC 5545 form, e.g. `P2DT14H`. */
export function formatFreezeDuration({ days, seconds }: FreezeDuration): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = seconds % 60;
  const time = [
    hours > 0 ? `${hours}H` : '',
    minutes > 0 ? `${minutes}M` : '',
    rest > 0 ? `${rest}S` : '',
  ].join('');
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
}
