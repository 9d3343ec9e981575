import type { AllowFacts, ChannelPin } from '../../src/domain/admission/allow-facts';
import { fakeDigest, NOW } from './api-fixtures';

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
