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
  /** Verifies what is small. */
  readonly here: Pick<Signer, 'verify'>;
  /** Its entry point serves its `VerifyingThreadData`. */
  readonly thread: VerifyingThreadOptions;
  /** Bundles of which predicates are read, however large: they stay here. */
  readonly readPredicates: readonly string[];
}

/**
 * Of one bundle, or of all that are verified here in one turn of the event loop: about 3 ms (76 KiB took 0.9). What is smaller is over before
 * the thread has a processor, on a machine with few of them.
 */
const LARGE_BYTES = 256 * 1024;

/** Counts what is verified here until other work had its turn. */
function createTurnBudget(): (bytes: number) => boolean {
  let bytesInTurn = 0;
  return (bytes) => {
    if (bytesInTurn + bytes >= LARGE_BYTES) return false;
    if (bytesInTurn === 0) setImmediate(() => (bytesInTurn = 0));
    bytesInTurn += bytes;
    return true;
  };
}

/**
 * Large bundles (SBOMs of thousands of components) are verified in a thread of their own: the other reviews would wait for them.
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
  const fitsHere = createTurnBudget();
  return {
    verify: async (keyId, bundle, expected) => {
      if (fitsHere(bundle.length) || readPredicates.includes(expected.predicateType)) {
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
