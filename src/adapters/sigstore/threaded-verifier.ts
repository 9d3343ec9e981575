import { Worker } from 'node:worker_threads';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { hearError } from '../../contract/told-error';
import type { KeyRings, Signer, VerifiedBundle } from '../../ports/signer';
import type { VerifyAnswer, VerifyingThreadData, VerifyJob } from './verifying-messages';

interface Waiting {
  readonly resolve: (bundle: VerifiedBundle) => void;
  readonly reject: (error: Error) => void;
}

export interface VerifyingThreadOptions {
  /** Absolute path of the thread's entry point, which serves its `VerifyingThreadData`. */
  readonly entry: string;
  readonly trustedRootFile?: string;
  /** Node's own arguments; default those of this process. */
  readonly execArgv?: readonly string[];
}

interface ThreadedVerifierOptions {
  readonly keys: KeyRings;
  /** Verifies what is small, where the way to the thread and back would take longer. */
  readonly here: Pick<Signer, 'verify'>;
  readonly thread: VerifyingThreadOptions;
  /** Bundles of which predicates are read, however large: they stay here. */
  readonly readPredicates: readonly string[];
}

/** Below it a verification costs no more than two messages between threads. */
const LARGE_BYTES = 16 * 1024;

class VerifyingThread {
  private readonly options: VerifyingThreadOptions;
  private readonly waiting = new Map<number, Waiting>();
  private worker: Worker | null = null;
  private next = 0;

  constructor(options: VerifyingThreadOptions) {
    this.options = options;
  }

  ask(job: Omit<VerifyJob, 'id'>): Promise<VerifiedBundle> {
    const worker = this.worker ?? this.start();
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      worker.postMessage({ ...job, id } satisfies VerifyJob);
    });
  }

  start(): Worker {
    const { entry, trustedRootFile, execArgv } = this.options;
    const workerData: VerifyingThreadData = { trustedRootFile: trustedRootFile ?? null };
    const worker = new Worker(entry, {
      workerData,
      ...(execArgv && { execArgv: [...execArgv] }),
    });
    // It has nothing to finish: whoever waits for an answer keeps the process.
    worker.unref();
    worker.on('message', (answer: VerifyAnswer) => {
      this.settle(answer);
    });
    worker.on('error', (error: unknown) => {
      this.fail(worker, failureReason(error));
    });
    worker.on('exit', (code) => {
      this.fail(worker, `it ended with code ${code}`);
    });
    this.worker = worker;
    return worker;
  }

  private settle(answer: VerifyAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(hearError(answer.error));
    else waiting?.resolve(answer.bundle);
  }

  /** The next bundle starts another one. */
  private fail(worker: Worker, why: string): void {
    if (this.worker !== worker) return;
    this.worker = null;
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of lost) {
      reject(new ReleaseError('SIGNER_UNAVAILABLE', `the verifying thread failed: ${why}`));
    }
  }
}

/**
 * Large bundles (SBOMs) are verified in a thread of their own, beside the small ones: half of the time of an image's verification is its SBOM's.
 * What the statement of a large bundle says beside its subject and type is left out of the answer (`predicate` null), except for
 * `readPredicates`.
 */
export function createThreadedVerifier(options: ThreadedVerifierOptions): Pick<Signer, 'verify'> {
  const { keys, here, readPredicates } = options;
  const thread = new VerifyingThread(options.thread);
  thread.start();
  return {
    verify: async (keyId, bundle, expected) => {
      if (bundle.length < LARGE_BYTES || readPredicates.includes(expected.predicateType)) {
        return here.verify(keyId, bundle, expected);
      }
      return thread.ask({ bundle, ring: await keys.keyRing(keyId), expected });
    },
  };
}
