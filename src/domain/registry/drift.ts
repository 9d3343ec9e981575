import type { Digest } from '../digest';
import { CHANNEL_TAGS, ENVIRONMENTS, type Environment } from '../reference';
import { classifyRepository } from './repository-class';
import { natureOf } from './tag-rules';

/** Who pushed what the gateway never saw. */
export const UNKNOWN_ACTOR = 'unknown (around the gateway)';

/** A tag as recorded by the gateway. */
export interface RecordedTag {
  readonly digest: Digest;
  readonly writeOnce: boolean;
}

/** A channel as the ledger has it. */
export interface ChannelLook {
  readonly digest: Digest | null;
  /** A move of it is under way: whatever the tag says now, the move sets it right. */
  readonly moving: boolean;
}

/** One look at one tag: registry, record and, for a channel, ledger. */
export interface TagLook {
  readonly repository: string;
  readonly tag: string;
  readonly found: Digest | null;
  readonly recorded: RecordedTag | null;
  /** Null when the tag is no channel. */
  readonly channel: ChannelLook | null;
}

interface AboutTag {
  readonly repository: string;
  readonly tag: string;
}

/** Where registry and record differ. Compared as JSON: two looks agree when their findings are equal. */
export type Finding =
  | (AboutTag & { readonly kind: 'unknown-tag'; readonly found: Digest })
  | (AboutTag & {
      readonly kind: 'moved-tag';
      readonly found: Digest;
      readonly recorded: Digest;
      readonly writeOnce: boolean;
    })
  | (AboutTag & {
      readonly kind: 'gone-tag';
      readonly recorded: Digest;
      readonly writeOnce: boolean;
    })
  | { readonly kind: 'gone-manifest'; readonly repository: string; readonly digest: Digest }
  | (AboutTag & {
      readonly kind: 'channel';
      readonly found: Digest | null;
      readonly ledger: Digest | null;
    });

/** `channels/{env}/{svc}` taken apart; null for any other repository. */
export function channelOf(
  repository: string,
): { readonly env: Environment; readonly svc: string } | null {
  const place = classifyRepository(repository, []);
  if (place.kind !== 'channel') return null;
  const env = ENVIRONMENTS.find((known) => known === place.env);
  return env ? { env, svc: place.svc } : null;
}

export function isChannelTag(tag: string): tag is (typeof CHANNEL_TAGS)[number] {
  return CHANNEL_TAGS.some((known) => known === tag);
}

/** Null when the look shows nothing wrong. The ledger rules channels; all else is ruled by what was pushed. */
export function findDrift(look: TagLook): Finding | null {
  const { repository, tag, found, recorded, channel } = look;
  const about = { repository, tag };
  if (channel) {
    if (channel.moving) return null;
    const wrong = channel.digest !== found;
    // A channel that the ledger has empty: only a tag that is there is wrong.
    if (wrong && (channel.digest !== null || found !== null)) {
      return { kind: 'channel', ...about, found, ledger: channel.digest };
    }
  }
  if (found === null) {
    return recorded
      ? { kind: 'gone-tag', ...about, recorded: recorded.digest, writeOnce: recorded.writeOnce }
      : null;
  }
  if (!recorded) return { kind: 'unknown-tag', ...about, found };
  if (recorded.digest === found) return null;
  const { digest, writeOnce } = recorded;
  return { kind: 'moved-tag', ...about, found, recorded: digest, writeOnce };
}

/** record: into the inventory. put-back: the registry's tag follows the record. forget: noted as deleted. */
export type Repair = 'record' | 'put-back' | 'forget';

export interface RepairPlan {
  readonly finding: Finding;
  readonly repair: Repair;
  /** What is written among the registry's events; null = nothing that anyone did. */
  readonly event: 'around-gateway' | 'drift' | null;
  /** Who must hear of it. */
  readonly severity: 'critical' | 'warning' | null;
}

/** The fallback index of a subject is rewritten with each attachment and belongs to nobody. */
function isReferrersIndex({ repository, tag }: AboutTag): boolean {
  return natureOf(classifyRepository(repository, []), tag) === 'referrers';
}

/** True for a tag that may be claimed by one push only. */
export function isWriteOnce(repository: string, tag: string): boolean {
  return natureOf(classifyRepository(repository, []), tag) === 'write-once';
}

export function planRepair(finding: Finding): RepairPlan {
  switch (finding.kind) {
    case 'channel':
      // What the ledger has empty is not deleted: it may be a channel from before the ledger.
      return {
        finding,
        repair: finding.ledger === null ? 'record' : 'put-back',
        event: 'drift',
        severity: 'critical',
      };
    case 'gone-manifest':
      return { finding, repair: 'forget', event: 'drift', severity: 'warning' };
    case 'gone-tag':
      if (isReferrersIndex(finding)) return quiet(finding, 'forget');
      return {
        finding,
        repair: 'forget',
        event: 'drift',
        severity: finding.writeOnce || channelOf(finding.repository) ? 'critical' : null,
      };
    case 'moved-tag':
      if (finding.writeOnce) {
        return { finding, repair: 'put-back', event: 'drift', severity: 'critical' };
      }
      return isReferrersIndex(finding) ? quiet(finding, 'record') : around(finding);
    case 'unknown-tag':
      return isReferrersIndex(finding) ? quiet(finding, 'record') : around(finding);
  }
}

function quiet(finding: Finding, repair: Repair): RepairPlan {
  return { finding, repair, event: null, severity: null };
}

function around(finding: Finding): RepairPlan {
  return { finding, repair: 'record', event: 'around-gateway', severity: null };
}

/** `{repository}:{tag}` or `{repository}@{digest}`. */
export function nameOf(finding: Finding): string {
  return finding.kind === 'gone-manifest'
    ? `${finding.repository}@${finding.digest}`
    : `${finding.repository}:${finding.tag}`;
}

/** One sentence: what was found, and what it should be. */
export function describeFinding(finding: Finding): string {
  const name = nameOf(finding);
  switch (finding.kind) {
    case 'unknown-tag':
      return `${name} (${finding.found}) was pushed around the gateway.`;
    case 'moved-tag':
      return finding.writeOnce
        ? `${name} is written once and holds ${finding.found} instead of ${finding.recorded}.`
        : `${name} was moved around the gateway, from ${finding.recorded} to ${finding.found}.`;
    case 'gone-tag':
      return `${name} (${finding.recorded}) was deleted around the gateway.`;
    case 'gone-manifest':
      return `${name} is gone from the registry; nobody deleted it through the gateway.`;
    case 'channel': {
      const found = finding.found ?? 'nothing';
      return `${name} holds ${found}, the ledger says ${finding.ledger ?? 'nothing'}.`;
    }
  }
}

/** The service that a repository belongs to; empty when it is nobody's. */
export function serviceOf(repository: string): string {
  const place = classifyRepository(repository, []);
  return 'svc' in place ? place.svc : '';
}

/** Whether this run looks at this manifest: each run takes a share, so that all are seen within `shares` runs. */
export function isInShare(digest: Digest, share: number, shares: number): boolean {
  return Number.parseInt(digest.slice(7, 15), 16) % shares === share % shares;
}
