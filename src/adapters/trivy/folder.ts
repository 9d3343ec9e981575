/** A folder of the scanner's databases that stays as it is until it is given back. */
export interface HeldFolder {
  /** For `--cache-dir`. */
  readonly cacheDir: string;
  readonly release: () => void;
}

/** Where the databases lie that scans go by now. */
export interface DatabaseFolder {
  /** Throws ReleaseError SCANNER_UNAVAILABLE when there are none. */
  hold(): Promise<HeldFolder>;
}

/** One that somebody else keeps. */
export function fixedFolder(cacheDir: string): DatabaseFolder {
  return { hold: () => Promise.resolve({ cacheDir, release: () => undefined }) };
}

export async function withFolder<T>(
  folder: DatabaseFolder,
  work: (cacheDir: string) => Promise<T>,
): Promise<T> {
  const held = await folder.hold();
  try {
    return await work(held.cacheDir);
  } finally {
    held.release();
  }
}
