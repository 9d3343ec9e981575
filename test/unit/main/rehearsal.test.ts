import { ReleaseError } from '../../../src/contract/errors';
import { DEFAULT_GUARDRAILS } from '../../../src/domain/admission/guardrails/defaults';
import type { Digest } from '../../../src/domain/digest';
import type { RehearsalFacts } from '../../../src/main/rehearsal/facts';
import { rehearse, type Rehearsed } from '../../../src/main/rehearsal/rehearse';
import { createAdmissionWorld, type AdmissionWorld } from '../../support/admission-world';
import { allowFacts } from '../../support/allow-facts';
import { CATALOG, POLICY } from '../../support/api-fixtures';

const FOR_MS = 300;

let world: AdmissionWorld;
let asked: Digest[];

beforeEach(async () => {
  world = await createAdmissionWorld();
  asked = [];
});

function run(over: Partial<RehearsalFacts['ledger']> = {}): Promise<Rehearsed> {
  const { ledger, deps } = world;
  const real = {
    ledger: {
      releaseFacts: (svc: string, digest: Digest) => {
        asked.push(digest);
        return ledger.releaseFacts(svc, digest);
      },
      newestScan: () => Promise.resolve(null),
      firstSignedAt: () => Promise.resolve(null),
      ...over,
    },
    allowList: { facts: () => Promise.resolve(allowFacts({ pins: [] })) },
  };
  const about = { deps, policy: POLICY, guardrails: DEFAULT_GUARDRAILS, service: CATALOG[0]! };
  return rehearse({ ...about, real, forMs: FOR_MS });
}

it('admits what it made up, by the same checks', async () => {
  const { reviews, admitted } = await run();

  expect(reviews).toBeGreaterThan(0);
  expect(admitted).toBe(reviews);
});

it('ends when its time is over', async () => {
  const startedAt = performance.now();

  await run();

  expect(performance.now() - startedAt).toBeLessThan(FOR_MS + 2_000);
});

it('leaves nothing in the webhook: no answer, no number, no line of the log', async () => {
  const metricsBefore = await world.deps.metrics.reviews.get();

  await run();

  expect(world.deps.allowCache.size()).toBe(0);
  expect(world.deps.verificationCache.size()).toBe(0);
  expect(await world.deps.metrics.reviews.get()).toEqual(metricsBefore);
  expect(world.audited).toEqual([]);
});

it('asks Postgres about one image, which the webhook itself would not admit', async () => {
  await run();
  const [digest] = new Set(asked);
  const { svc, name } = CATALOG[0]!;

  const { good } = await world.deps.verifier.verify({
    repository: `apps/${svc}/${name}`,
    digest: digest!,
  });

  expect(new Set(asked).size).toBe(1);
  expect(good).toBe(false);
});

it('goes on when Postgres fails meanwhile, and admits nothing then', async () => {
  const failing = () => Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'down'));

  const { reviews, admitted } = await run({ releaseFacts: failing });

  expect(reviews).toBeGreaterThan(0);
  expect(admitted).toBe(0);
});
