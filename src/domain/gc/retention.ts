import { matchesGlob } from '../admission/glob';
import { classifyRepository } from '../registry/repository-class';
import type { ChannelName } from '../reference';

/** How long something is kept. Durations in milliseconds. */
export interface RetentionWindows {
  /** After a digest last was there, in any service. */
  readonly prodStableMs: number;
  readonly prodCandidateMs: number;
  readonly stgMs: number;
  readonly devMs: number;
  /** What no environment ever had: after the last push or pull. */
  readonly inactiveMs: number;
}

/** What the clean-up may delete, and how far it may go by itself. Durations in milliseconds. */
export interface RetentionPolicy {
  readonly windows: RetentionWindows;
  /** So many newest releases (write-once version tags that are no prereleases) of each repository stay, however old. */
  readonly keepLast: number;
  /** Nothing younger goes: time for an index to follow its children, and a tag its manifest. */
  readonly untaggedGraceMs: number;
  /** The first that matches a repository says what differs there. */
  readonly repositories: readonly RepositoryRetention[];
  readonly budget: GcBudget;
  /** An older plan is not executed. */
  readonly planMaxAgeMs: number;
  /** What the schedule does until a person has executed the first plan. */
  readonly firstRun: 'report' | 'run';
  /** The schedule executes plans that are within the budget. */
  readonly automatic: boolean;
  /** after-run: disk is taken back by itself, `undeleteMs` after a run that deleted something. */
  readonly reclaim: 'off' | 'after-run';
  /** So long what a run deleted can be put back before that. */
  readonly undeleteMs: number;
}

export interface RepositoryRetention {
  /** A name; `*` is any text, slashes too. */
  readonly match: string;
  readonly tags?: 'judge' | 'keep';
  readonly untagged?: 'judge' | 'keep';
  readonly windows?: Partial<RetentionWindows>;
  readonly keepLast?: number;
  readonly untaggedGraceMs?: number;
}

/** What of a retention policy would differ: what is not in it stays as it is. Of what goes, not of when it does. */
export interface RetentionChange {
  readonly windows?: Partial<RetentionWindows>;
  readonly keepLast?: number;
  readonly untaggedGraceMs?: number;
  /** In place of all that there are. */
  readonly repositories?: readonly RepositoryRetention[];
}

/** A plan beyond one of these needs an approval with a reason. */
export interface GcBudget {
  /** Of the manifests of one repository, 0 to 1. */
  readonly maxRepositoryShare: number;
  readonly maxBytes: number;
  readonly maxItems: number;
  /** None of the newest so many releases of a repository goes. */
  readonly protectLastReleases: number;
  /** The longest time in which pushes and pulls may have gone unseen. */
  readonly maxEventGapMs: number;
}

/** What of a policy the clean-up reads. */
export interface GcPolicy {
  readonly retention?: RetentionPolicy;
  readonly registry: { readonly open: readonly string[] };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** For a policy that says nothing of it; deploy/policy/default.yaml says the same. */
const DEFAULT_RETENTION: RetentionPolicy = {
  windows: {
    prodStableMs: 180 * DAY_MS,
    prodCandidateMs: 30 * DAY_MS,
    stgMs: 30 * DAY_MS,
    devMs: 14 * DAY_MS,
    inactiveMs: 7 * DAY_MS,
  },
  keepLast: 3,
  untaggedGraceMs: DAY_MS,
  repositories: [],
  budget: {
    maxRepositoryShare: 0.5,
    maxBytes: 2 ** 40,
    maxItems: 100_000,
    protectLastReleases: 3,
    maxEventGapMs: DAY_MS,
  },
  planMaxAgeMs: DAY_MS,
  firstRun: 'report',
  automatic: false,
  reclaim: 'off',
  undeleteMs: DAY_MS,
};

/** Of a policy, which may say nothing of it. */
export function retentionOf({ retention }: Pick<GcPolicy, 'retention'>): RetentionPolicy {
  return retention ?? DEFAULT_RETENTION;
}

export function changeRetention(policy: GcPolicy, change: RetentionChange): GcPolicy {
  const retention = retentionOf(policy);
  const windows = { ...retention.windows, ...change.windows };
  return { ...policy, retention: { ...retention, ...change, windows } };
}

/** What holds for one repository. */
export interface RepositoryRule {
  /** Whether its tags may go; those that hold what is attached to a manifest go with it where `untagged` may. */
  readonly tags: boolean;
  readonly untagged: boolean;
  readonly windows: RetentionWindows;
  readonly keepLast: number;
  readonly graceMs: number;
  /** Its tags are claimed once, so that they are releases of something. */
  readonly releases: boolean;
}

/** By default: tags of apps and of open prefixes; untagged manifests of all but bases and mirrors. Tags of channels never. */
export function ruleOf(policy: GcPolicy, repository: string): RepositoryRule {
  const retention = retentionOf(policy);
  const { kind } = classifyRepository(repository, policy.registry.open);
  const own = retention.repositories.find(({ match }) => matchesGlob(match, repository));
  const judgesTags = own?.tags ? own.tags === 'judge' : kind === 'app' || kind === 'open';
  const judgesUntagged = own?.untagged
    ? own.untagged === 'judge'
    : kind !== 'base' && kind !== 'mirror';
  return {
    tags: judgesTags && kind !== 'channel',
    untagged: judgesUntagged,
    windows: { ...retention.windows, ...own?.windows },
    keepLast: own?.keepLast ?? retention.keepLast,
    graceMs: own?.untaggedGraceMs ?? retention.untaggedGraceMs,
    releases: kind === 'app' || kind === 'chart' || kind === 'base',
  };
}

export function windowOf(windows: RetentionWindows, channel: ChannelName): number {
  switch (channel) {
    case 'prod:stable':
      return windows.prodStableMs;
    case 'prod:candidate':
      return windows.prodCandidateMs;
    case 'stg:stable':
    case 'stg:candidate':
      return windows.stgMs;
    case 'dev:stable':
    case 'dev:candidate':
      return windows.devMs;
  }
}
