import type { FileHandle } from 'node:fs/promises';
import type { Digest } from '../../domain/digest';
import type { BackendRequest } from '../backend/backend';
import type { Head } from '../backend/dispatch';
import { plainBodyLength } from '../backend/response-head';
import type { GatewayDependencies } from '../dependencies';
import type { Exchange, RouteOf } from '../exchange';
import { countStalePull } from '../manifests/pull/read-guard';
import type { BlobStorage } from '../storage/blob-storage';
import { createBufferPool } from '../storage/buffer-pool';
import { sendFile, type Sent } from '../storage/send-file';
import { readAnswerHeaders } from './headers';

/** What one read asks of the disk. */
const READ_BYTES = 256 * 1024;
const MAX_IDLE_BUFFERS = 64;
const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/;

interface Part {
  readonly start: number;
  readonly length: number;
  /** Of the whole blob. */
  readonly size: number;
}

/**
 * The bytes that a registry would send by this head; null where only it can say. A registry that takes no range at HEAD would
 * perhaps at GET.
 */
function partOf(head: Head, digest: Digest, isRange: boolean): Part | null {
  const { status, headers } = head;
  const length = plainBodyLength(head);
  const isOther = (headers['docker-content-digest'] ?? digest) !== digest;
  if (length === null || isOther || headers['content-encoding'] !== undefined) return null;
  if (status === 200) return isRange ? null : { start: 0, length, size: length };
  const [start, last, size] = (CONTENT_RANGE.exec(headers['content-range'] ?? '') ?? [])
    .slice(1)
    .map(Number);
  if (!isRange || start === undefined || last === undefined || size === undefined) return null;
  const isWithin = length > 0 && last - start + 1 === length && last < size;
  return isWithin ? { start, length, size } : null;
}

type Asked = Pick<BackendRequest, 'path' | 'signal'> & {
  readonly headers: Readonly<Record<string, string>>;
};

/** True: the client was answered. False: nothing was sent; ask the registry for the bytes. */
export type SendStored = (exchange: Exchange<RouteOf<'blob'>>, asked: Asked) => Promise<boolean>;

type StoredDependencies = Pick<GatewayDependencies, 'backend' | 'cache' | 'metrics' | 'log'>;

/**
 * Answers a GET with the registry's word and the bytes of its folder. The registry is asked by HEAD, so that it says who may
 * have the blob and with which headers, as at a GET; what it does not answer with bytes is left to it.
 */
export function createSendStored(deps: StoredDependencies, storage: BlobStorage): SendStored {
  const { backend, metrics, log } = deps;
  const pool = createBufferPool(READ_BYTES, MAX_IDLE_BUFFERS);
  const warned = new Set<string>();

  function note(outcome: string, digest: Digest, why: string): void {
    metrics.storedBlobs.inc({ outcome });
    if (warned.has(outcome)) return;
    warned.add(outcome);
    log.warn({ outcome, digest, why }, "a blob in the registry's folder; more are only counted");
  }

  function send(
    { response }: Exchange,
    head: Head,
    part: Part,
    { fd }: FileHandle,
  ): Promise<Sent> | null {
    const { socket } = response;
    // Null while an earlier response of the same connection is still on its way.
    if (!socket) return null;
    const onBegin = (): void => {
      countStalePull(deps);
      response.writeHead(head.status, readAnswerHeaders(head.headers));
      response.flushHeaders();
    };
    return sendFile({ fd, ...part, socket, onBegin }, pool);
  }

  return async (exchange, asked) => {
    const { route, response } = exchange;
    const head = await backend.fetch({ method: 'HEAD', ...asked }, 0);
    const part = partOf(head, route.digest, asked.headers['range'] !== undefined);
    if (!part) return false;
    const found = await storage.open(route.digest, part.size);
    if ('because' in found) {
      note(found.because, route.digest, found.why);
      return false;
    }
    try {
      const sent = await send(exchange, head, part, found);
      if (sent === null) return false;
      if (sent === 'unread' || sent === 'broken') note(sent, route.digest, 'it ended too early');
      else metrics.storedBlobs.inc({ outcome: 'served' });
      if (sent === 'whole') response.end();
      if (sent === 'broken') response.destroy();
      return sent !== 'unread';
    } finally {
      await found.close();
    }
  };
}
