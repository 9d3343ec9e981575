import type { MessagePort } from 'node:worker_threads';
import { tellError } from '../../contract/told-error';
import type { KeyRing } from '../../domain/keys';
import { createSigstoreVerifier } from './sigstore-verifier';
import type { VerifyAnswer, VerifyingThreadData, VerifyJob } from './verifying-messages';

/** Verifies one bundle after the other in this thread. What a statement says does not go back with the answer: it is half of the bundle. */
export function serveVerifying(port: MessagePort, { trustedRootFile }: VerifyingThreadData): void {
  let ring: KeyRing | null = null;
  const keyRing = (): Promise<KeyRing> =>
    ring ? Promise.resolve(ring) : Promise.reject(new Error('no job has brought keys'));
  const { verify } = createSigstoreVerifier({
    keys: { keyRing },
    ...(trustedRootFile !== null && { trustedRootFile }),
  });

  async function answer({ id, bundle, expected, ...job }: VerifyJob): Promise<VerifyAnswer> {
    try {
      ring = job.ring;
      const verified = await verify(job.ring.keyId, Buffer.from(bundle), expected);
      return { id, bundle: { ...verified, statement: { ...verified.statement, predicate: null } } };
    } catch (error) {
      return { id, error: tellError(error) };
    }
  }

  // In turn: a job is judged by the keys that came with it.
  let last: Promise<void> = Promise.resolve();
  port.on('message', (job: VerifyJob) => {
    last = last.then(async () => {
      port.postMessage(await answer(job));
    });
  });
}
