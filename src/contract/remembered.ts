/** Who found it old has work to do, and what is loaded takes processor time from that. */
const RENEW_AFTER_MS = 20;

interface Remembered<T> {
  get(key: string): Promise<T>;
  /** Something newer is known to be there. */
  forget(key: string): void;
}

interface Entry<T> {
  readonly value: Promise<T>;
  /** When it was begun to be loaded. */
  readonly loadedAt: number;
  isRenewed: boolean;
}

/**
 * Keeps what `load` gives for `maxAgeMs`; a failed load is tried again by the next caller. Who asks often does not wait for a load: past half
 * of its age a value is loaded anew while it is still given out, a moment after it was asked for.
 *
 * @param clock milliseconds that never jump
 */
export function remembered<T>(
  maxAgeMs: number,
  load: (key: string) => Promise<T>,
  clock: () => number = () => performance.now(),
): Remembered<T> {
  const known = new Map<string, Entry<T>>();

  function begin(key: string, now: number): Promise<T> {
    const entry: Entry<T> = { value: load(key), loadedAt: now, isRenewed: false };
    known.set(key, entry);
    entry.value.catch(() => {
      // A newer one may have taken its place.
      if (known.get(key) === entry) known.delete(key);
    });
    return entry.value;
  }

  function loadAgain(key: string, last: Entry<T>): void {
    if (known.get(key) !== last) return;
    const loadedAt = clock();
    // Here nobody would hear what it throws.
    const loading = async (): Promise<T> => load(key);
    const value = loading();
    value.then(
      () => {
        if (known.get(key) === last) known.set(key, { value, loadedAt, isRenewed: false });
      },
      // What was known holds until it is too old; then the failure is told.
      () => undefined,
    );
  }

  function renew(key: string, last: Entry<T>): void {
    last.isRenewed = true;
    setTimeout(() => {
      loadAgain(key, last);
    }, RENEW_AFTER_MS).unref();
  }

  return {
    get: (key) => {
      const last = known.get(key);
      const now = clock();
      if (!last || now - last.loadedAt >= maxAgeMs) return begin(key, now);
      if (!last.isRenewed && now - last.loadedAt > maxAgeMs / 2) renew(key, last);
      return last.value;
    },
    forget: (key) => {
      known.delete(key);
    },
  };
}
