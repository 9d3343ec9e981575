import type { Digest } from '../digest';
import type { ChannelName, Environment } from '../reference';
import type { NamespacesByEnvironment } from './namespaces';

/** An image of the platform itself, such as a mirrored sidecar: no release brings it, the policy pins it. */
export interface SystemImage {
  readonly repository: string;
  readonly digests: readonly Digest[];
}

/** What may run where. Durations in milliseconds. */
export interface AllowListPolicy {
  readonly namespaces: NamespacesByEnvironment;
  /** Where a digest may run that the channel points at. Only channels of prod may name prod. */
  readonly channels: Readonly<Record<ChannelName, readonly Environment[]>>;
  /** What was prod:stable stays allowed while either holds, so that a rollback finds its target let in. */
  readonly rollbackWindow: {
    /** Since it was replaced. */
    readonly maxAgeMs: number;
    /** Of the digests that were prod:stable before what is now, so many newest. */
    readonly maxPins: number;
  };
  readonly maxGrantMs: number;
  readonly system: readonly SystemImage[];
}

const DAY_MS = 86_400_000;

/** For a policy that says nothing of it; deploy/policy/default.yaml says the same. */
const DEFAULT_ALLOW_LIST: AllowListPolicy = {
  namespaces: {
    dev: ['dev', 'dev-*', '*-dev'],
    stg: ['stg', 'stg-*', '*-stg'],
    prod: ['prod', 'prod-*', '*-prod'],
  },
  channels: {
    'dev:candidate': ['dev'],
    'dev:stable': ['dev'],
    'stg:candidate': ['stg'],
    'stg:stable': ['dev', 'stg'],
    'prod:candidate': ['prod'],
    'prod:stable': ['dev', 'stg', 'prod'],
  },
  rollbackWindow: { maxAgeMs: 30 * DAY_MS, maxPins: 5 },
  maxGrantMs: 30 * DAY_MS,
  system: [],
};

/** Of a policy, which may say nothing of it. */
export function allowListOf({
  admission,
}: {
  readonly admission?: { readonly allowList: AllowListPolicy };
}): AllowListPolicy {
  return admission?.allowList ?? DEFAULT_ALLOW_LIST;
}
