const DAY_MS = 86_400_000;

export interface DayTotal {
  /** `2026-11-30` */
  readonly day: string;
  readonly storageBytes: number;
}

/** From one day's sample to the newest. */
export interface Change {
  readonly from: DayTotal;
  readonly to: DayTotal;
  readonly bytes: number;
  /** Of what it was; null when it was nothing. */
  readonly ratio: number | null;
}

/** Null where no sample is old enough. */
export interface Growth {
  readonly day: Change | null;
  readonly week: Change | null;
  readonly month: Change | null;
}

export interface Goal {
  readonly state: 'met' | 'missed' | 'not-enough-history';
  /** Wanted change a month: -0.2 is a fifth less. */
  readonly ratio: number;
  /** How it was reckoned, for people. */
  readonly arithmetic: string;
}

/** A month is 30 days; a sample that is missing may be stood in for by one up to three days older. */
const MONTH = { days: 30, slack: 3 };

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

function changeOver(
  samples: readonly DayTotal[],
  { days, slack = 0 }: { readonly days: number; readonly slack?: number },
): Change | null {
  const to = samples.at(-1);
  if (!to) return null;
  const from = samples.findLast(({ day }) => {
    const age = daysBetween(day, to.day);
    return age >= days && age <= days + slack;
  });
  if (!from) return null;
  const bytes = to.storageBytes - from.storageBytes;
  return { from, to, bytes, ratio: from.storageBytes === 0 ? null : bytes / from.storageBytes };
}

/** `samples`: oldest first, one a day. */
export function growthOf(samples: readonly DayTotal[]): Growth {
  return {
    day: changeOver(samples, { days: 1 }),
    week: changeOver(samples, { days: 7 }),
    month: changeOver(samples, MONTH),
  };
}

/** GB = 10^9 bytes. */
export function gigabytes(bytes: number): number {
  return bytes / 1e9;
}

const percent = (ratio: number): string => `${(ratio * 100).toFixed(1)} %`;

/** Storage a month ago against now: the cost of a byte stays, so cost goes as bytes go. */
export function judgeGoal({ month }: Growth, ratio: number): Goal {
  if (month?.ratio == null) {
    const why = month ? 'nothing was stored then' : 'there is no sample that old';
    return {
      state: 'not-enough-history',
      ratio,
      arithmetic: `The change over ${MONTH.days} days is not known: ${why}.`,
    };
  }
  const { from, to } = month;
  const [then, now] = [from, to].map(({ storageBytes }) => gigabytes(storageBytes).toFixed(3));
  return {
    state: month.ratio <= ratio ? 'met' : 'missed',
    ratio,
    arithmetic:
      `${now} GB on ${to.day}, ${then} GB on ${from.day}: ` +
      `(${now} - ${then}) / ${then} = ${percent(month.ratio)}, wanted ${percent(ratio)} or less.`,
  };
}
