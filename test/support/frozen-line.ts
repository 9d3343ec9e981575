import type { FreezeRule } from '../../src/domain/freeze';
import { VERDICTS_PREDICATE_TYPE } from '../../src/domain/evidence-predicate';
import { afterCall } from './after-call';
import type { FakeDeps } from './fake-deps';

const HOUR_MS = 3_600_000;

/**
 * Closes every edge by a freeze whose last millisecond the clock stands at: it is asked about again each second, and opens when it is
 * deleted.
 */
export async function freezeLine(deps: FakeDeps, over: Partial<FreezeRule> = {}): Promise<void> {
  const toMs = Date.now();
  const [from = '', to = ''] = [toMs - HOUR_MS, toMs].map((ms) => new Date(ms).toISOString());
  Object.assign(deps, { now: () => new Date(toMs - 1) });
  await deps.freezes.add({
    name: 'year-end',
    scope: { svc: null, environments: ['stg', 'prod'] },
    schedule: { kind: 'once', from, to, timeZone: null },
    reason: 'closing of the books',
    createdBy: 'carol',
    createdAt: from,
    ...over,
  });
}

export async function openLine(deps: FakeDeps, name = 'year-end'): Promise<void> {
  await deps.freezes.remove(name, 'carol', 'books are closed', new Date().toISOString());
}

export interface ClosedEdge {
  /** What is held. */
  readonly what: string;
  /** The step that waits. */
  readonly step: string;
  /** Shares of traffic that were given before it: of stg, of prod. */
  readonly given: readonly [number, number];
  /** Closes the line at the last moment before that edge. */
  arrange(deps: FakeDeps): void | Promise<void>;
}

/** Every irreversible step of a release. */
export const CLOSED_EDGES: readonly ClosedEdge[] = [
  { what: 'stg:candidate', step: 'freeze: stg channel', given: [0, 0], arrange: freezeLine },
  {
    what: 'stg:stable',
    step: 'freeze: stg channel',
    given: [3, 0],
    arrange: (deps: FakeDeps): void => {
      afterCall(deps.rollout, 'setCandidatePercent', ({ env }, _digest, percent) =>
        env === 'stg' && percent === 100 ? freezeLine(deps) : Promise.resolve(),
      );
    },
  },
  {
    what: 'prod:candidate',
    step: 'freeze: prod traffic',
    given: [3, 0],
    arrange: (deps: FakeDeps): void => {
      afterCall(deps.rollout, 'makeStable', ({ env }) =>
        env === 'stg' ? freezeLine(deps) : Promise.resolve(),
      );
    },
  },
  {
    what: 'traffic of prod, once the candidate is ready',
    step: 'freeze: prod traffic',
    given: [3, 0],
    arrange: (deps: FakeDeps): void => {
      afterCall(deps.rollout, 'startCandidate', ({ env }) =>
        env === 'prod' ? freezeLine(deps) : Promise.resolve(),
      );
    },
  },
  {
    what: 'the pin, once the verdicts are attested',
    step: 'freeze: prod pin',
    given: [3, 1],
    arrange: (deps: FakeDeps): void => {
      afterSigning(deps, VERDICTS_PREDICATE_TYPE, () => freezeLine(deps));
    },
  },
];

/** Once, after a statement of that kind is signed and before it is attached: after a wait the verdicts are attested again. */
export function afterSigning(
  { signer }: Pick<FakeDeps, 'signer'>,
  predicateType: string,
  then: () => Promise<void>,
): void {
  let isDone = false;
  afterCall(signer, 'sign', async (_key, statement) => {
    if (isDone || statement.predicateType !== predicateType) return;
    isDone = true;
    await then();
  });
}
