import { ReleaseError } from '../contract/errors';

const UNITS_MS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000001 };
const PART = /(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g;
/** All that an API server ever asks with. */
const SECONDS = /^\d{1,4}s$/;
const DURATION = /^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/;

function isUnit(text: string): text is keyof typeof UNITS_MS {
  return Object.hasOwn(UNITS_MS, text);
}

/** Milliseconds of a duration as Go writes it, `10s` or `1m30s`; null when it is none. */
export function parseGoDuration(text: string): number | null {
  if (SECONDS.test(text)) return Number.parseInt(text, 10) * UNITS_MS.s;
  if (text.length > 64 || !DURATION.test(text)) return null;
  return [...text.matchAll(PART)].reduce(
    (sum, [, amount = '', unit = '']) => sum + Number(amount) * (isUnit(unit) ? UNITS_MS[unit] : 0),
    0,
  );
}

/** The answer has to travel back before the API server gives up. */
const MARGIN_MS = 500;
const LEAST_MS = 100;

/** How long a review may take: ours, or less when the API server waits less (`?timeout=10s`). */
export function deadlineOf(timeout: unknown, deadlineMs: number): number {
  const askedMs = typeof timeout === 'string' ? parseGoDuration(timeout) : null;
  return askedMs === null
    ? deadlineMs
    : Math.min(deadlineMs, Math.max(askedMs - MARGIN_MS, LEAST_MS));
}

/** @throws ReleaseError TIMED_OUT when `work` takes longer; what it does goes on. */
export async function within<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new ReleaseError('TIMED_OUT', `${what} did not answer within ${ms} ms`));
    }, ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
