import { createHash, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';

/** Bytes that are made while they are sent, so that no layer is ever whole in memory. */
export interface GeneratedBlob {
  readonly digest: string;
  readonly size: number;
  chunks(): Generator<Buffer>;
}

const CHUNK = 256 * 1024;

/** A blob that no other call gives: one random block, told apart in each place by a counter. */
export function generateBlob(megabytes: number): GeneratedBlob {
  const block = randomFillSync(Buffer.alloc(CHUNK));
  const count = Math.max(1, Math.round((megabytes * 1024 * 1024) / CHUNK));
  function* chunks(): Generator<Buffer> {
    for (let index = 0; index < count; index += 1) {
      const chunk = Buffer.from(block);
      chunk.writeUInt32BE(index, 0);
      yield chunk;
    }
  }
  const hash = createHash('sha256');
  for (const chunk of chunks()) hash.update(chunk);
  return { digest: `sha256:${hash.digest('hex')}`, size: count * CHUNK, chunks };
}

/** Thrown where a client was told to vanish. */
export class Vanished extends Error {}

export interface BlobClient {
  /** Returns when the registry said that it has the blob. `vanishAfter`: bytes after which the connection is cut; all of them: while it is being kept. */
  push(repository: string, blob: GeneratedBlob, vanishAfter?: number): Promise<void>;
  /** The digest of what came. @throws Vanished */
  pull(repository: string, digest: string, vanishAfter?: number): Promise<string>;
  close(): void;
}

interface Access {
  readonly port: number;
  readonly basic: string;
}

async function answerOf(sent: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

async function expectStatus(response: IncomingMessage, wanted: number): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  if (response.statusCode === wanted) return;
  const said = Buffer.concat(chunks).toString('utf8').slice(0, 500);
  throw new Error(`${String(response.statusCode)} instead of ${wanted}: ${said}`);
}

/** One client on connections of its own. */
export function createBlobClient({ port, basic }: Access): BlobClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  function open(method: string, path: string, headers: Record<string, string> = {}): ClientRequest {
    const all = { authorization: basic, ...headers };
    const sent = request({ host: '127.0.0.1', port, method, path, headers: all, agent });
    // What matters is seen where the answer is awaited; after that a reset is nobody's news.
    sent.on('error', () => undefined);
    return sent;
  }

  function vanish(sent: ClientRequest): never {
    sent.destroy();
    throw new Vanished();
  }

  async function send(
    sent: ClientRequest,
    blob: GeneratedBlob,
    vanishAfter: number,
  ): Promise<void> {
    let sentBytes = 0;
    for (const chunk of blob.chunks()) {
      if (sentBytes >= vanishAfter) vanish(sent);
      sentBytes += chunk.length;
      if (!sent.write(chunk)) await once(sent, 'drain');
    }
    sent.end();
  }

  const pathOf = (response: IncomingMessage): string => {
    const { pathname, search } = new URL(response.headers.location ?? '', 'http://localhost');
    return `${pathname}${search}`;
  };

  return {
    push: async (repository, blob, vanishAfter = Infinity) => {
      const start = open('POST', `/v2/${repository}/blobs/uploads/`);
      start.end();
      const opened = await answerOf(start);
      await expectStatus(opened, 202);
      const patch = open('PATCH', pathOf(opened), { 'content-type': 'application/octet-stream' });
      const [patched] = await Promise.all([answerOf(patch), send(patch, blob, vanishAfter)]);
      await expectStatus(patched, 202);
      const end = pathOf(patched);
      const digest = `${end.includes('?') ? '&' : '?'}digest=${encodeURIComponent(blob.digest)}`;
      const put = open('PUT', `${end}${digest}`, { 'content-length': '0' });
      put.end();
      // Asked for and not waited for: whether it counts is the registry's to say later.
      if (vanishAfter === blob.size) vanish(put);
      const answer = await answerOf(put);
      if (answer.statusCode !== 503) {
        await expectStatus(answer, 201);
        return;
      }
      // As clients do: later it is asked first whether the blob is there already.
      answer.resume();
      await sleep(1000 * Number(answer.headers['retry-after'] ?? 1));
      const head = open('HEAD', `/v2/${repository}/blobs/${blob.digest}`);
      head.end();
      await expectStatus(await answerOf(head), 200);
    },
    pull: async (repository, digest, vanishAfter = Infinity) => {
      const get = open('GET', `/v2/${repository}/blobs/${digest}`);
      get.end();
      const response = await answerOf(get);
      if (response.statusCode !== 200) await expectStatus(response, 200);
      const hash = createHash('sha256');
      let received = 0;
      for await (const chunk of response) {
        received += (chunk as Buffer).length;
        if (received >= vanishAfter) vanish(get);
        hash.update(chunk as Buffer);
      }
      return `sha256:${hash.digest('hex')}`;
    },
    close: () => {
      agent.destroy();
    },
  };
}
