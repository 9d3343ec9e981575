import { buildConnector, Pool } from 'undici';
import { backendAddress } from '../../contract/backend-address';
import { createBlobPipe } from './blob-pipe';
import type { Backend, BackendRequest } from './backend';
import { disposeAfterWrite } from './chunk-memory';
import { createSmallReader, type SmallAnswer, type SmallReader } from './small-reader';
import { startRequest, type Sink } from './dispatch';
import { backendFailure, isLostConnection } from './failures';
import { CONNECT_TIMEOUT_MS } from './registry-line';
import { streamSink, wholeSink } from './sinks';

interface BackendOptions {
  /** Scheme, host and port of the registry, or `unix:///path` of its socket. */
  readonly url: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** How long the registry may take to begin an answer, and between two chunks of one. Default: 60 s. */
  readonly timeoutMs?: number;
}

/** Below the usual idle limit of load balancers (60 s): the side that sends should be the one that closes. */
const KEEP_ALIVE_MS = 15_000;

function connector(socketPath: string | null): buildConnector.connector {
  const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, socketPath });
  return (options, callback) => {
    connect(options, (...result) => {
      const [, socket] = result;
      // A TLS socket may look at a chunk again after it said that it has it.
      if (socket && options.protocol === 'http:') disposeAfterWrite(socket);
      callback(...result);
    });
  };
}

function ownHeaders(credentials: BackendOptions['credentials']): Readonly<Record<string, string>> {
  if (!credentials) return {};
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`);
  return { authorization: `Basic ${pair.toString('base64')}` };
}

/** A read that met a connection which the registry had just closed is sent once more. */
async function answered<T>(request: BackendRequest, attempt: () => Promise<T>): Promise<T> {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  try {
    return await attempt().catch((error: unknown) => {
      if (isRead && isLostConnection(error) && !request.signal.aborted) return attempt();
      throw error;
    });
  } catch (error) {
    throw backendFailure(error);
  }
}

/** Manifests and configs; lists of any length come in chunks, which a line can't read. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Over a bare line where that is enough; null: the HTTP client has to ask. @throws Refused as SmallReader */
async function readSmall(
  smallReader: SmallReader | null,
  request: BackendRequest,
  maxBytes: number,
): Promise<SmallAnswer | null> {
  const isSmallRead =
    request.method === 'GET' && request.body === undefined && maxBytes <= MAX_LINE_BYTES;
  return smallReader && isSmallRead ? smallReader.read(request, maxBytes) : null;
}

/** The registry over HTTP(S), with connections that are kept. */
export function createBackend({ url, credentials, timeoutMs = 60_000 }: BackendOptions): Backend {
  const { origin, socketPath } = backendAddress(url);
  const pool = new Pool(origin, {
    // A request of a client needs few of ours at once, so the server's own limit bounds this too.
    connections: null,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: connector(socketPath),
  });
  const own = ownHeaders(credentials);

  function start(request: BackendRequest, sink: Sink): void {
    const headersTimeout = request.answerWithinMs ?? timeoutMs;
    startRequest(
      pool,
      request,
      { ...request.headers, ...own },
      { headersTimeout, bodyTimeout: timeoutMs },
      sink,
    );
  }

  const target = { origin, socketPath, headers: own, timeoutMs, idleMs: KEEP_ALIVE_MS };
  const isPlain = origin.startsWith('http:');
  const blobPipe = isPlain ? createBlobPipe(target) : null;
  const smallReader = isPlain ? createSmallReader(target) : null;

  return {
    send: (request) =>
      answered(
        request,
        () =>
          new Promise((resolve, reject) => {
            start(request, streamSink(resolve, reject));
          }),
      ),
    fetch: async (request, maxBytes) =>
      (await readSmall(smallReader, request, maxBytes)) ??
      answered(
        request,
        () =>
          new Promise((resolve, reject) => {
            start(request, wholeSink(maxBytes, resolve, reject));
          }),
      ),
    ownPath: (location) => {
      if (!URL.canParse(location, origin)) return null;
      const found = new URL(location, origin);
      return found.origin === origin ? found.pathname + found.search : null;
    },
    ...(blobPipe && { pipeBlob: blobPipe.pipe }),
    close: async () => {
      blobPipe?.close();
      smallReader?.close();
      await pool.destroy();
    },
  };
}
