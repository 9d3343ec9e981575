// The client of `npm run bench gateway`, in a process of its own: raw sockets, requests built beforehand.
import { generateBlob } from '../support/blob-traffic';
import { openConnection, type RawConnection, type RawResponse } from './gateway-connection';
import { LoadJob, type LoadResult, type Side } from './gateway-jobs';
import { serveLoad } from './load-process';

type Job<K extends LoadJob['kind']> = Extract<LoadJob, { readonly kind: K }>;

const ACCEPT = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.oci.image.index.v1+json',
].join(', ');

function headOf(method: string, path: string, side: Side, headers: readonly string[] = []): Buffer {
  const credentials = side.authorization === null ? [] : [`Authorization: ${side.authorization}`];
  const lines = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${side.port}`, `Accept: ${ACCEPT}`];
  return Buffer.from([...lines, ...credentials, ...headers, '', ''].join('\r\n'), 'latin1');
}

function expectStatus({ status, head }: RawResponse, wanted: number): void {
  if (status !== wanted) throw new Error(`${status} instead of ${wanted}: ${head}`);
}

function used(): { readonly cpu: number; readonly at: number } {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1e6, at: performance.now() };
}

/** Each side goes first in every other round. */
async function alternate(
  rounds: number,
  measure: (side: 'direct' | 'through') => Promise<number>,
): Promise<LoadResult> {
  const values: Record<'direct' | 'through', number[]> = { direct: [], through: [] };
  const before = used();
  for (let round = 0; round < rounds; round += 1) {
    const order =
      round % 2 === 0 ? (['direct', 'through'] as const) : (['through', 'direct'] as const);
    for (const side of order) values[side].push(await measure(side));
  }
  const after = used();
  const cpuSeconds = after.cpu - before.cpu;
  return { kind: 'pairs', ...values, cpuSeconds, seconds: (after.at - before.at) / 1000 };
}

async function measureLatency(job: Job<'latency'>): Promise<LoadResult> {
  const isHead = job.method === 'HEAD';
  const connections = {
    direct: await openConnection(job.direct.port),
    through: await openConnection(job.through.port),
  };
  const requests = {
    direct: headOf(job.method, job.path, job.direct),
    through: headOf(job.method, job.path, job.through),
  };
  const measure = async (side: 'direct' | 'through'): Promise<number> => {
    const startedAt = performance.now();
    const response = await connections[side].exchange(requests[side], isHead);
    const ms = performance.now() - startedAt;
    expectStatus(response, 200);
    return ms;
  };
  await alternate(job.warmUp, measure);
  const result = await alternate(job.rounds, measure);
  Object.values(connections).forEach((connection) => {
    connection.close();
  });
  return result;
}

const megabytesPerSecond = (bytes: number, ms: number): number => bytes / 1e6 / (ms / 1000);

/** Runs `work` on so many connections at once; MB a second over all of them. */
async function throughput(
  side: Side,
  parallel: number,
  work: (connection: RawConnection) => Promise<number>,
): Promise<number> {
  const connections = await Promise.all(
    Array.from({ length: parallel }, () => openConnection(side.port)),
  );
  const startedAt = performance.now();
  const bytes = await Promise.all(connections.map(work));
  const ms = performance.now() - startedAt;
  connections.forEach((connection) => {
    connection.close();
  });
  return megabytesPerSecond(
    bytes.reduce((sum, one) => sum + one, 0),
    ms,
  );
}

function measureDownload(job: Job<'download'>): Promise<LoadResult> {
  return alternate(job.rounds, (name) =>
    throughput(job[name], job.parallel, async (connection) => {
      const response = await connection.exchange(headOf('GET', job.path, job[name]));
      expectStatus(response, 200);
      return response.bodyBytes;
    }),
  );
}

function measureUpload(job: Job<'upload'>): Promise<LoadResult> {
  const blob = generateBlob(job.megabytes);
  const uploads = `/v2/${job.repository}/blobs/uploads/`;
  return alternate(job.rounds, (name) =>
    throughput(job[name], job.parallel, async (connection) => {
      const empty = ['Content-Length: 0'];
      const opened = await connection.exchange(headOf('POST', uploads, job[name], empty));
      expectStatus(opened, 202);
      const location = /\r\nlocation: (\S+)/i.exec(opened.head)?.[1] ?? '';
      const { pathname, search } = new URL(location, 'http://localhost');
      const path = `${pathname}${search}${search ? '&' : '?'}digest=${blob.digest}`;
      const headers = [`Content-Length: ${blob.size}`, 'Content-Type: application/octet-stream'];
      const put = await connection.upload(headOf('PUT', path, job[name], headers), blob.chunks());
      expectStatus(put, 201);
      return blob.size;
    }),
  );
}

async function measureRate(job: Job<'rate'>): Promise<LoadResult> {
  const request = headOf('GET', job.path, job.side);
  const connections = await Promise.all(
    Array.from({ length: job.connections }, () => openConnection(job.side.port)),
  );
  let requests = 0;
  const before = used();
  const end = before.at + job.ms;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end) {
        expectStatus(await connection.exchange(request), 200);
        requests += 1;
      }
      connection.close();
    }),
  );
  const after = used();
  const seconds = (after.at - before.at) / 1000;
  return { kind: 'rate', requests, seconds, cpuSeconds: after.cpu - before.cpu };
}

/** All connections stand before the first byte of a push is sent. */
async function race(job: Job<'race'>): Promise<LoadResult> {
  const racers = await Promise.all(
    job.bodies.map(async (body) => {
      const headers = [`Content-Type: ${job.contentType}`, `Content-Length: ${body.length}`];
      const head = headOf('PUT', job.path, job.side, headers);
      const request = Buffer.concat([head, Buffer.from(body)]);
      return { connection: await openConnection(job.side.port), request };
    }),
  );
  const responses = await Promise.all(
    racers.map(({ connection, request }) => connection.exchange(request)),
  );
  racers.forEach(({ connection }) => {
    connection.close();
  });
  return { kind: 'race', statuses: responses.map(({ status }) => status) };
}

function run(job: LoadJob): Promise<LoadResult> {
  switch (job.kind) {
    case 'latency':
      return measureLatency(job);
    case 'download':
      return measureDownload(job);
    case 'upload':
      return measureUpload(job);
    case 'rate':
      return measureRate(job);
    case 'race':
      return race(job);
  }
}

serveLoad(LoadJob, run);
