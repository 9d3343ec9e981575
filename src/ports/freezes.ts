import type { Expand, FreezeRule, LineStop } from '../domain/freeze';

export interface Freeze extends FreezeRule {
  readonly deletedAt: string | null;
  readonly deletedBy: string | null;
  readonly deleteReason: string | null;
}

/** Not deleted at the same time; more are refused, so that none is ever left out of a decision. */
export const MAX_FREEZES = 500;

/** Every method throws ReleaseError LEDGER_UNAVAILABLE when it could not find out: then nothing is known to be open. */
export interface Freezes {
  /** The same freeze again, as after a lost answer, is no FREEZE_EXISTS. Throws INVALID_INPUT above MAX_FREEZES. */
  add(freeze: FreezeRule): Promise<Freeze>;
  /** Not a deleted one. */
  get(name: string): Promise<Freeze | null>;
  /** Newest first; with `svc` those that cover it; with `all` deleted ones too. */
  list(filter: {
    readonly svc?: string;
    readonly all?: boolean;
    readonly limit: number;
  }): Promise<readonly Freeze[]>;
  /** False when there was none; the same call again, as after a lost answer, says true again. */
  remove(name: string, actor: string, reason: string, at: string): Promise<boolean>;
  /** A line that is stopped keeps its first stop. */
  stop(stop: LineStop): Promise<LineStop>;
  /** Of that service, or (null) of all; the other stays. False when it was not stopped, true again for the same call. */
  resume(svc: string | null, actor: string, reason: string, at: string): Promise<boolean>;
  /** In force now, oldest first. */
  stops(): Promise<readonly LineStop[]>;
  /** All that can close an edge of the service, however many there are. */
  covering(svc: string): Promise<{
    readonly freezes: readonly Freeze[];
    readonly stops: readonly LineStop[];
  }>;
}

export interface FreezeCalendar {
  /**
   * The stretches of a schedule that end after the first time and begin before the second (ms since the epoch), in order of their
   * begin. RFC 5545 with the rules of the schedule's time zone: a begin that daylight saving leaves out is left out, one that it
   * doubles counts once, days of a duration follow the calendar.
   *
   * @throws ReleaseError INVALID_INPUT with `field` and `remedy` when the schedule can't be read
   */
  readonly expand: Expand;
}
