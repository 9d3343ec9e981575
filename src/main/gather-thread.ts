import { parentPort, workerData } from 'node:worker_threads';
import type { GatheringThreadData } from '../gateway/evidence/gathering-messages';
import { serveGathering } from '../gateway/evidence/serve-gathering';

/** Entry point of a gathering thread (src/gateway/evidence). */
if (!parentPort) throw new Error('gather-thread is started as a thread of the gateway');
serveGathering(parentPort, workerData as GatheringThreadData);
