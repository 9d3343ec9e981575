import fc from 'fast-check';
import { refusalsOf } from '../../../../src/domain/admission/allow-list';
import { CHANNEL_TAGS, ENVIRONMENTS, type ChannelName } from '../../../../src/domain/reference';
import {
  ALLOWED_REPOSITORY as REPOSITORY,
  BAD,
  daysFromNow,
  GRANT,
  HOLD,
  judge,
  QUARANTINE,
} from '../../../support/allow-facts';
import { denialOf } from '../../../support/contracts/allow-list';

describe('every decision', () => {
  const channels = ENVIRONMENTS.flatMap((env) =>
    CHANNEL_TAGS.map((tag): ChannelName => `${env}:${tag}`),
  );
  const day = fc.integer({ min: -400, max: 0 }).map(daysFromNow);
  const pin = fc.record({
    svc: fc.constantFrom('shop', 'cart'),
    channel: fc.constantFrom(...channels),
    holds: fc.boolean(),
    pinnedAt: day,
    replacedAt: fc.option(day),
    newerPins: fc.nat({ max: 10 }),
  });
  const facts = fc.record({
    homes: fc.subarray([REPOSITORY, 'apps/cart/web']),
    pins: fc.array(pin, { maxLength: 6 }),
    holds: fc.constantFrom([], [HOLD]),
    grants: fc.constantFrom([], [GRANT], [{ ...GRANT, namespaces: 'dev' }]),
    denials: fc.constantFrom([], [denialOf()]),
    quarantines: fc.constantFrom([], [QUARANTINE]),
    bad: fc.constantFrom([], [BAD]),
  });
  const query = fc.record({
    repository: fc.constantFrom(REPOSITORY, 'apps/cart/web', 'channels/prod/shop', 'bases/x'),
    namespace: fc.constantFrom('dev', 'stg', 'prod', 'tools'),
  });

  it('has a reason that bears it out, and none but a channel of prod or a grant lets in to prod', () => {
    fc.assert(
      fc.property(facts, query, (given, asked) => {
        const decision = judge(given, { query: asked });
        const { allowed, reasons } = decision;
        const effects = new Set(reasons.map(({ effect }) => effect));

        expect(allowed).toBe(effects.has('allows') && !effects.has('blocks'));
        expect(refusalsOf(decision).length > 0).toBe(!allowed);
        if (allowed && asked.namespace === 'prod' && given.grants.length === 0) {
          const ofProd = given.pins.filter(({ channel }) => channel.startsWith('prod:'));
          expect(ofProd.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('is never turned into a yes by a quarantine or a denial more', () => {
    fc.assert(
      fc.property(facts, query, (given, asked) => {
        const worse = { ...given, quarantines: [QUARANTINE], denials: [denialOf()] };

        expect(judge(worse, { query: asked }).allowed).toBe(false);
      }),
    );
  });
});
