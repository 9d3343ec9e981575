import { createAllowSource } from '../../../src/admission/images/allow-source';
import type { AllowFacts } from '../../../src/domain/admission/allow-facts';
import { allowListOf } from '../../../src/domain/admission/allow-policy';
import { fakeDigest } from '../../support/api-fixtures';

const image = { repository: 'apps/checkout/checkout', digest: fakeDigest('one') };

const FACTS: AllowFacts = {
  revision: 7,
  homes: [image.repository],
  pins: [
    {
      svc: 'checkout',
      channel: 'prod:stable',
      holds: true,
      pinnedAt: '2026-03-01T00:00:00Z',
      replacedAt: null,
      newerPins: 0,
    },
  ],
  holds: [],
  grants: [],
  denials: [],
  quarantines: [],
  bad: [],
  evidence: [],
};

function sourceOf(over: Partial<AllowFacts>): ReturnType<typeof createAllowSource> {
  return createAllowSource({
    list: { facts: () => Promise.resolve({ ...FACTS, ...over }) },
    policy: allowListOf({}),
    now: () => new Date('2026-03-02T00:00:00Z'),
  });
}

it('lets in what a channel holds, by the revision of the facts', async () => {
  const answer = await sourceOf({}).judge({ ...image, namespace: 'prod' });

  expect(answer).toEqual({ allowed: true, reasons: [], expiresAt: null, revision: 7 });
});

it('says why it does not', async () => {
  const answer = await sourceOf({ pins: [] }).judge({ ...image, namespace: 'prod' });

  expect(answer).toMatchObject({ allowed: false, revision: 7 });
  expect(answer.reasons.length).toBeGreaterThan(0);
});
