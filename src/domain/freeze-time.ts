const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2}))?)?$/;
const INSTANT = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})(:\d{2})?(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
const FIRST_YEAR = '2000';
const LAST_YEAR = '2199';

/** `2026-02-30` is read by engines as a day in March. */
function isRealTime(local: string): boolean {
  const ms = Date.parse(`${local}Z`);
  const year = local.slice(0, 4);
  return (
    !Number.isNaN(ms) &&
    new Date(ms).toISOString().slice(0, 19) === local &&
    year >= FIRST_YEAR &&
    year <= LAST_YEAR
  );
}

/** A time on the wall, `2026-12-20T18:00:00` after reading; a date alone is its midnight. Null when it is none. */
export function parseLocalTime(text: string): string | null {
  const [, date, minutes = '00:00', seconds = '00'] = LOCAL.exec(text.trim()) ?? [];
  const local = `${date ?? ''}T${minutes}:${seconds}`;
  return isRealTime(local) ? local : null;
}

/** `2026-12-20`; null when it is none. */
export function parseLocalDate(text: string): string | null {
  const date = text.trim();
  return /^\d{4}-\d{2}-\d{2}$/.test(date) && isRealTime(`${date}T00:00:00`) ? date : null;
}

/** An RFC 3339 time with its offset, in UTC after reading, to the second. Null when it is none. */
export function parseInstant(text: string): string | null {
  const [, minutes = '', seconds = ':00', offset = ''] = INSTANT.exec(text.trim()) ?? [];
  if (!isRealTime(`${minutes}${seconds}`)) return null;
  const ms = Date.parse(`${minutes}${seconds}${offset}`);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
