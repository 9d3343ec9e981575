import { ReleaseError } from '../../contract/errors';
import type { Digest } from '../../domain/digest';
import type { Track } from '../../ports/rollout';

export interface PendingStart {
  readonly track: Track;
  readonly digest: Digest;
  /** Aborted when nobody waits for it any more, or a later write has taken its track. */
  readonly signal: AbortSignal;
}

interface Entry extends PendingStart {
  readonly superseded: AbortController;
}

/** Containers that are being started for a track. Whoever ordered them may have gone: a later write says that they are not wanted. */
export class PendingStarts {
  private readonly entries = new Set<Entry>();

  add(track: Track, digest: Digest, signal?: AbortSignal): PendingStart {
    const superseded = new AbortController();
    const signals = [superseded.signal, ...(signal ? [signal] : [])];
    const entry = { track, digest, superseded, signal: AbortSignal.any(signals) };
    this.entries.add(entry);
    return entry;
  }

  remove(start: PendingStart): void {
    this.entries.delete(start as Entry);
  }

  /** All of the track but those of `kept`. */
  giveUp(track: Track, kept?: Digest): void {
    for (const entry of this.entries) {
      if (entry.track === track && entry.digest !== kept) {
        const reason = `a later write has taken the ${track} track, ${entry.digest} is not started`;
        entry.superseded.abort(new ReleaseError('ROLLOUT_FAILED', reason));
      }
    }
  }
}
