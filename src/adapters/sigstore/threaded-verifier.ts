import { AskedThread, type ThreadEntry } from '../../contract/asked-thread';
import { ReleaseError } from '../../contract/errors';
import { hearError } from '../../contract/told-error';
import type { KeyRings, Signer } from '../../ports/signer';
import type { VerifyAnswer, VerifyingThreadData, VerifyJob } from './verifying-messages';

export interface VerifyingThreadOptions extends ThreadEntry {
  readonly trustedRootFile?: string;
}

interface ThreadedVerifierOptions {
  readonly keys: KeyRings;
  /** Verifies what is small, where the way to the thread and back would take longer. */
  readonly here: Pick<Signer, 'verify'>;
  /** Its entry point serves its `VerifyingThreadData`. */
  readonly thread: VerifyingThreadOptions;
  /** Bundles of which predicates are read, however large: they stay here. */
  readonly readPredicates: readonly string[];
}

/** Below it a verification costs no more than two messages between threads. */
const LARGE_BYTES = 16 * 1024;

/**
 * Large bundles (SBOMs) are verified in a thread of their own, beside the small ones: half of the time of an image's verification is its SBOM's.
 * What the statement of a large bundle says beside its subject and type is left out of the answer (`predicate` null), except for
 * `readPredicates`.
 */
export function createThreadedVerifier(options: ThreadedVerifierOptions): Pick<Signer, 'verify'> {
  const { keys, here, readPredicates } = options;
  const { trustedRootFile, ...thread } = options.thread;
  const workerData: VerifyingThreadData = { trustedRootFile: trustedRootFile ?? null };
  const asked = new AskedThread<Omit<VerifyJob, 'id'>, VerifyAnswer>({
    ...{ thread, workerData },
    failed: (why) => new ReleaseError('SIGNER_UNAVAILABLE', `the verifying thread failed: ${why}`),
  });
  return {
    verify: async (keyId, bundle, expected) => {
      if (bundle.length < LARGE_BYTES || readPredicates.includes(expected.predicateType)) {
        return here.verify(keyId, bundle, expected);
      }
      const ring = await keys.keyRing(keyId);
      // A part of a larger memory would go with all of it.
      const own = new Uint8Array(bundle);
      const answer = await asked.ask({ bundle: own, ring, expected }, [own.buffer]);
      if ('error' in answer) throw hearError(answer.error);
      return answer.bundle;
    },
  };
}
