import type { Logger } from 'pino';
import { failureReason } from '../../contract/error-reason';
import { readKeyPair, type KeyPair, type KeyPairFiles } from './key-pair';

interface WatchOptions {
  readonly files: KeyPairFiles;
  /** What is served now. */
  readonly current: KeyPair;
  /** Takes a new pair into use. */
  readonly onChange: (pair: KeyPair) => void;
  readonly log: Pick<Logger, 'info' | 'error'>;
  readonly now: () => Date;
  readonly everyMs?: number;
}

export interface KeyPairWatch {
  /** Looks now. */
  look(): Promise<void>;
  close(): void;
}

/**
 * Mounted secrets change by a symlink to another folder, which file events miss on some file systems; reading two small
 * files costs nothing.
 */
const LOOK_EVERY_MS = 5_000;

/** Swaps the pair when the files hold another good one. While they hold a bad one, or half of a new one, the old one stays. */
export function watchKeyPair({
  files,
  current,
  onChange,
  log,
  now,
  everyMs = LOOK_EVERY_MS,
}: WatchOptions): KeyPairWatch {
  let served = current;
  let complained = '';

  async function look(): Promise<void> {
    try {
      const pair = await readKeyPair(files, now());
      complained = '';
      if (pair.cert === served.cert && pair.key === served.key) return;
      onChange(pair);
      served = pair;
      log.info({ notAfter: pair.notAfter.toISOString() }, 'the serving certificate was replaced');
    } catch (error) {
      const reason = failureReason(error);
      if (reason !== complained) log.error({ reason }, 'the new certificate is not used');
      complained = reason;
    }
  }

  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return {
    look,
    close: () => {
      clearInterval(timer);
    },
  };
}
