import type { Digest } from '../src/domain/digest';
import type { Deps } from './deps';

export interface AdmitReleaseInput {
  readonly svc: string;
  readonly releaseId: string;
  /** Names this start of this release: a retry gets the same epoch. */
  readonly startKey: string;
}

export type AdmitReleaseResult =
  | { readonly admitted: true; readonly epoch: number }
  /** It was released before and is prod:stable still: the same answer, no second run. */
  | { readonly admitted: false; readonly digest: Digest };

export interface LaneActivities {
  admitRelease(input: AdmitReleaseInput): Promise<AdmitReleaseResult>;
  /** Of the newest writer of the service. */
  readEpoch(input: { readonly svc: string }): Promise<number>;
  takeRollbackNumber(input: {
    readonly svc: string;
    readonly requestId: string;
  }): Promise<{ readonly number: number }>;
}

export function createLaneActivities({ ledger }: Pick<Deps, 'ledger'>): LaneActivities {
  return {
    async admitRelease({ svc, releaseId, startKey }): Promise<AdmitReleaseResult> {
      const [status, stable] = await Promise.all([
        ledger.getStatus(releaseId),
        ledger.getChannel(svc, { env: 'prod', tag: 'stable' }),
      ]);
      const digest = stable?.digest;
      if (digest && status?.outcome === 'released' && status.digest === digest) {
        return { admitted: false, digest };
      }
      return { admitted: true, epoch: await ledger.bumpEpoch(svc, startKey) };
    },
    readEpoch: ({ svc }) => ledger.currentEpoch(svc),
    takeRollbackNumber: async ({ svc, requestId }) => ({
      number: await ledger.nextRollbackNumber(svc, requestId),
    }),
  };
}
