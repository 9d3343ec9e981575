import type { AllowFacts, ChannelPin } from '../../src/domain/admission/allow-facts';
import {
  judgeAllowed,
  type AllowDecision,
  type AllowQuery,
} from '../../src/domain/admission/allow-list';
import { allowListOf, type AllowListPolicy } from '../../src/domain/admission/allow-policy';
import { fakeDigest, NOW } from './api-fixtures';
import { grantOf } from './contracts/allow-list';

const DAY_MS = 86_400_000;

export const ALLOWED_DIGEST = fakeDigest('allowed');
export const ALLOWED_REPOSITORY = 'apps/shop/web';

/** RFC 3339, so many days from NOW. */
export function daysFromNow(days: number): string {
  return new Date(Date.parse(NOW) + days * DAY_MS).toISOString();
}

/** An image at home in `apps/shop/web` that no channel knows; each test says what it has. */
export function allowFacts(over: Partial<AllowFacts> = {}): AllowFacts {
  return {
    revision: 7,
    homes: [ALLOWED_REPOSITORY],
    pins: [],
    holds: [],
    grants: [],
    denials: [],
    quarantines: [],
    bad: [],
    evidence: [],
    ...over,
  };
}

export function pinOf(over: Partial<ChannelPin> = {}): ChannelPin {
  return {
    svc: 'shop',
    channel: 'prod:stable',
    holds: true,
    pinnedAt: daysFromNow(-1),
    replacedAt: null,
    newerPins: 0,
    ...over,
  };
}

export function pastPin(over: Partial<ChannelPin> = {}): ChannelPin {
  return pinOf({
    holds: false,
    pinnedAt: daysFromNow(-60),
    replacedAt: daysFromNow(-2),
    newerPins: 1,
    ...over,
  });
}

const POLICY = allowListOf({});

interface Given {
  readonly policy?: Partial<AllowListPolicy>;
  readonly query?: Partial<AllowQuery>;
}

/** In prod, by the default policy, at NOW. */
export function judge(facts: Partial<AllowFacts>, { policy, query }: Given = {}): AllowDecision {
  return judgeAllowed(
    allowFacts(facts),
    { ...POLICY, ...policy },
    {
      repository: ALLOWED_REPOSITORY,
      digest: ALLOWED_DIGEST,
      namespace: 'prod',
      nowMs: Date.parse(NOW),
      ...query,
    },
  );
}

/** Of `apps/shop/web`, for another day. */
export const GRANT = grantOf({
  repository: ALLOWED_REPOSITORY,
  digest: ALLOWED_DIGEST,
  namespaces: 'prod',
  grantedAt: daysFromNow(-1),
  expiresAt: daysFromNow(1),
});
export const QUARANTINE = {
  digest: ALLOWED_DIGEST,
  cause: ALLOWED_DIGEST,
  reason: 'bad',
  cves: ['CVE-2026-1'],
  by: 'erin',
  at: daysFromNow(-1),
  graceUntil: daysFromNow(1),
  expiresAt: null,
};
export const HOLD = { reason: 'incident', by: 'olga', at: daysFromNow(-100), until: null };
export const BAD = { svc: 'shop', reason: 'errors' };
