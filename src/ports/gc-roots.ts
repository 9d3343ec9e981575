import type { RootFacts } from '../domain/gc/roots';
import type { ChannelName } from '../domain/reference';

export interface RootsQuery {
  /** RFC 3339: what has ended by then keeps nothing. */
  readonly at: string;
  /** How long a channel's history keeps a digest that left it, in milliseconds. */
  readonly windowMs: (channel: ChannelName) => number;
}

/** What the ledger says must stay; where images run is not in it. */
export interface GcRoots {
  /** Of one moment, as a whole. Throws ReleaseError LEDGER_UNAVAILABLE when it could not find out. */
  read(query: RootsQuery): Promise<RootFacts>;
}
