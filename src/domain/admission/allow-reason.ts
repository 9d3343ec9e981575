import type { Digest } from '../digest';
import type { ChannelName, Environment } from '../reference';
import { describeFinding } from './describe-finding';

type Allowing =
  | {
      readonly kind: 'channel';
      readonly svc: string;
      readonly channel: ChannelName;
      readonly since: string;
    }
  | {
      readonly kind: 'rollback-window';
      readonly svc: string;
      readonly channel: ChannelName;
      readonly replacedAt: string;
      readonly newerPins: number;
      /** Null: for as long as no newer pin pushes it out. */
      readonly until: string | null;
    }
  | {
      readonly kind: 'hold';
      readonly by: string;
      readonly at: string;
      readonly reason: string;
      /** Null: until somebody releases it. */
      readonly until: string | null;
    }
  | {
      readonly kind: 'grant';
      readonly id: string;
      readonly owner: string;
      readonly by: string;
      readonly reason: string;
      readonly until: string;
    }
  | { readonly kind: 'system-image'; readonly repository: string };

type Blocking =
  | {
      readonly kind: 'quarantined';
      readonly cause: Digest;
      readonly reason: string;
      readonly cves: readonly string[];
      readonly by: string;
      readonly at: string;
      readonly until: string | null;
    }
  | {
      readonly kind: 'denied';
      readonly cause: Digest;
      readonly reason: string;
      readonly by: string;
      readonly at: string;
    };

type Lacking =
  | { readonly kind: 'no-environment'; readonly namespace: string }
  | { readonly kind: 'no-service'; readonly repository: string }
  | { readonly kind: 'never-released'; readonly repository: string }
  | {
      readonly kind: 'other-repository';
      readonly repository: string;
      readonly homes: readonly string[];
    }
  | { readonly kind: 'not-in-channel'; readonly svc: string }
  | {
      readonly kind: 'wrong-environment';
      readonly environment: Environment;
      readonly channels: readonly ChannelName[];
      /** Where it may run. */
      readonly environments: readonly Environment[];
    }
  | {
      readonly kind: 'window-over';
      readonly channel: ChannelName;
      readonly replacedAt: string;
      readonly newerPins: number;
    }
  | { readonly kind: 'known-bad'; readonly svc: string; readonly reason: string }
  | { readonly kind: 'hold-elsewhere'; readonly by: string; readonly at: string }
  | { readonly kind: 'grant-elsewhere'; readonly id: string; readonly scope: string }
  | { readonly kind: 'grant-expired'; readonly id: string; readonly at: string }
  | { readonly kind: 'grant-own'; readonly id: string; readonly owner: string };

/** What the decision found, as data. */
export type AllowFinding = Allowing | Blocking | Lacking;
type FindingKind = AllowFinding['kind'];

/** allows: let it in. blocks: keeps it out whatever lets it in. lacks: would have let it in, and why it does not. */
export type AllowEffect = 'allows' | 'blocks' | 'lacks';

const EFFECTS: Readonly<Record<FindingKind, AllowEffect>> = {
  channel: 'allows',
  'rollback-window': 'allows',
  hold: 'allows',
  grant: 'allows',
  'system-image': 'allows',
  quarantined: 'blocks',
  denied: 'blocks',
  'no-environment': 'lacks',
  'no-service': 'lacks',
  'never-released': 'lacks',
  'other-repository': 'lacks',
  'not-in-channel': 'lacks',
  'wrong-environment': 'lacks',
  'window-over': 'lacks',
  'known-bad': 'lacks',
  'hold-elsewhere': 'lacks',
  'grant-elsewhere': 'lacks',
  'grant-expired': 'lacks',
  'grant-own': 'lacks',
};

export type AllowReason = AllowFinding & {
  readonly effect: AllowEffect;
  /** One sentence for people. */
  readonly text: string;
};

export function toReason(finding: AllowFinding): AllowReason {
  return { ...finding, effect: EFFECTS[finding.kind], text: describeFinding(finding) };
}
