// The API server of `npm run bench admission`, in a process of its own: raw sockets, requests built beforehand.
import { createHash } from 'node:crypto';
import { reviewRequest } from './admission-body';
import { ReviewJob, type ReviewResult, type Webhook } from './admission-jobs';
import { keepToCore } from './cores';
import { openConnection, type RawConnection } from './gateway-connection';
import { serveLoad } from './load-process';

type Job<K extends ReviewJob['kind']> = Extract<ReviewJob, { readonly kind: K }>;

async function ask(connection: RawConnection, request: Buffer): Promise<void> {
  const { status, head } = await connection.exchange(request);
  if (status !== 200) throw new Error(`${status} instead of 200: ${head}`);
}

/** In turn, over and over. */
function requestsFor({ webhook, images }: Pick<ReviewJob, 'webhook' | 'images'>): () => Buffer {
  const requests = images.map((image) => reviewRequest(image, webhook.port));
  let next = 0;
  return () => {
    const request = requests[next % requests.length];
    next += 1;
    if (!request) throw new Error('there is no image');
    return request;
  };
}

async function onConnections(
  { port, ca }: Webhook,
  count: number,
  work: (connection: RawConnection) => Promise<void>,
): Promise<number> {
  const opened = Array.from({ length: count }, () => openConnection(port, ca));
  const connections = await Promise.all(opened);
  const startedAt = performance.now();
  await Promise.all(connections.map(work));
  const seconds = (performance.now() - startedAt) / 1000;
  connections.forEach((connection) => {
    connection.close();
  });
  return seconds;
}

async function measureLatency(job: Job<'latency'>): Promise<ReviewResult> {
  const nextRequest = requestsFor(job);
  const ms: number[] = [];
  const seconds = await onConnections(job.webhook, 1, async (connection) => {
    for (let round = 0; round < job.rounds; round += 1) {
      const request = nextRequest();
      const startedAt = performance.now();
      await ask(connection, request);
      ms.push(performance.now() - startedAt);
    }
  });
  return { ms, reviews: ms.length, seconds };
}

async function measureRate(job: Job<'rate'>): Promise<ReviewResult> {
  if (job.core !== null) keepToCore(process.pid, job.core);
  const nextRequest = requestsFor(job);
  let reviews = 0;
  const seconds = await onConnections(job.webhook, job.connections, async (connection) => {
    const end = performance.now() + job.ms;
    while (performance.now() < end) {
      await ask(connection, nextRequest());
      reviews += 1;
    }
  });
  return { ms: [], reviews, seconds };
}

/** Mostly what runs everywhere, and evenly in between what nobody has released. */
async function sendMix(job: Job<'mix'>): Promise<ReviewResult> {
  const { webhook, unknownName } = job;
  const nextRequest = requestsFor(job);
  const every = Math.floor(job.reviews / job.unknown);
  let sent = 0;
  const seconds = await onConnections(webhook, job.connections, async (connection) => {
    while (sent < job.reviews) {
      const number = sent;
      sent += 1;
      const isUnknown = number % every === 0 && number / every < job.unknown;
      const digest = isUnknown ? createHash('sha256').update(String(number)).digest('hex') : '';
      const request = isUnknown
        ? reviewRequest(`${unknownName}@sha256:${digest}`, webhook.port)
        : nextRequest();
      await ask(connection, request);
    }
  });
  return { ms: [], reviews: sent, seconds };
}

function run(job: ReviewJob): Promise<ReviewResult> {
  switch (job.kind) {
    case 'latency':
      return measureLatency(job);
    case 'rate':
      return measureRate(job);
    case 'mix':
      return sendMix(job);
  }
}

serveLoad(ReviewJob, run);
