/** So many uses of each key within an hour, counted in this process. */
export interface HourlyLimit {
  /** False when the hour is used up; else the use is counted. */
  take(key: string): boolean;
  /** Takes back the last use of `key`: what it was for did not happen. */
  giveBack(key: string): void;
}

const HOUR_MS = 3_600_000;

export function createHourlyLimit(perHour: number, clock: () => number): HourlyLimit {
  const uses = new Map<string, number[]>();

  /** Keys come from requests, so those without a use are forgotten. */
  function recent(): void {
    const since = clock() - HOUR_MS;
    for (const [key, times] of uses) {
      const left = times.filter((time) => time > since);
      if (left.length === 0) uses.delete(key);
      else uses.set(key, left);
    }
  }

  return {
    take: (key) => {
      recent();
      const times = uses.get(key) ?? [];
      if (times.length >= perHour) return false;
      uses.set(key, [...times, clock()]);
      return true;
    },
    giveBack: (key) => {
      uses.get(key)?.pop();
    },
  };
}
