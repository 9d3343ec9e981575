'use strict';

// Threads that do not do what they are there for; what they are asked for says which.
const { parentPort, workerData } = require('node:worker_threads');

switch (workerData.job.order.repository) {
  case 'throws':
    throw new Error('out of memory, say');
  case 'leaves':
    process.exit(3);
    break;
  case 'asks':
    parentPort.postMessage({ kind: 'ask-live' });
    parentPort.on('message', ({ kind, error }) => {
      parentPort.postMessage({
        kind: 'failed',
        error: { ...error, message: `${kind}: ${error.message}` },
      });
    });
    break;
  default:
    // Busy for ever.
    parentPort.postMessage({ kind: 'note', text: 'busy' });
    for (;;);
}
