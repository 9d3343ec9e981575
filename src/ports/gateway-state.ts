import type { Lapse } from '../domain/registry/lapse';
import type { Block } from '../domain/registry/quarantine';
import type { RobotWithSecrets } from './robots';

export interface RegistryMode {
  readonly pushes: 'open' | 'closed';
  readonly reason: string;
  readonly by: string;
  readonly since: string;
  /** RFC 3339; pushes open again by themselves. */
  readonly until: string | null;
  /** While closed: a collector runs, so uploads under way may not end either. Always with `until`. */
  readonly sealed?: boolean;
}

/** All that a gateway decides by, small enough to hold in memory. */
export interface GatewaySnapshot {
  readonly robots: readonly RobotWithSecrets[];
  /**
   * Closed over index parents and children, one a digest; without expired ones. Where several causes meet: the digest's own
   * (else the first), with the latest end and the shortest grace of all.
   */
  readonly blocks: readonly Block[];
  /** Digests that passed by exceptions, closed over parents and children likewise; those whose exceptions are in force too. */
  readonly lapses: readonly Lapse[];
  /** Open when `until` has passed. */
  readonly mode: RegistryMode;
}

export interface Spread {
  readonly parents: boolean;
  readonly children: boolean;
}

export interface GatewayState {
  /** @throws ReleaseError LEDGER_UNAVAILABLE */
  read(spread: Spread): Promise<GatewaySnapshot>;
  /**
   * Its blocks alone, for those who have no business with robots.
   *
   * @throws ReleaseError LEDGER_UNAVAILABLE
   */
  readBlocks(spread: Spread): Promise<readonly Block[]>;
  /** @throws ReleaseError RECLAIM_RUNNING while somebody else has sealed the registry. */
  setMode(mode: RegistryMode): Promise<void>;
  /**
   * The same where the mode is still the one that was set by `held.by` at `held.since`. False when it is another: somebody opened or
   * closed pushes since. @throws ReleaseError LEDGER_UNAVAILABLE
   */
  replaceMode(held: Pick<RegistryMode, 'by' | 'since'>, mode: RegistryMode): Promise<boolean>;
  /**
   * Calls `onChange` soon after robots, quarantine, exceptions, mode or inventory edges of a block changed, and whenever it begins to
   * listen, since what changed before was not heard; connects again by itself; ends with the signal.
   */
  watch(onChange: () => void, signal: AbortSignal): void;
}
