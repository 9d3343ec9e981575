import { parentPort, workerData } from 'node:worker_threads';
import { serveVerifying } from '../adapters/sigstore/serve-verifying';
import type { VerifyingThreadData } from '../adapters/sigstore/verifying-messages';

/** Entry point of a verifying thread (src/adapters/sigstore). */
if (!parentPort) throw new Error('verify-thread is started as a thread of the webhook');
serveVerifying(parentPort, workerData as VerifyingThreadData);
