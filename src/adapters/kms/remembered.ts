interface Remembered<T> {
  get(keyId: string): Promise<T>;
  /** Something newer is known to be there. */
  forget(keyId: string): void;
}

/** Keeps what `load` gives for `maxAgeMs`; a failed load is tried again by the next caller. */
export function remembered<T>(
  maxAgeMs: number,
  load: (keyId: string) => Promise<T>,
): Remembered<T> {
  const known = new Map<string, { readonly value: Promise<T>; readonly loadedAt: number }>();
  return {
    get: (keyId) => {
      const last = known.get(keyId);
      const now = performance.now();
      if (last && now - last.loadedAt < maxAgeMs) {
        return last.value;
      }
      const entry = { value: load(keyId), loadedAt: now };
      known.set(keyId, entry);
      entry.value.catch(() => {
        // A newer one may have taken its place.
        if (known.get(keyId) === entry) known.delete(keyId);
      });
      return entry.value;
    },
    forget: (keyId) => {
      known.delete(keyId);
    },
  };
}
