import type { Readable } from 'node:stream';
import type { BlobPipe } from './blob-pipe';

export interface BackendRequest {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** Built by us from parsed parts, never the client's text; or the path and query of an upload that the registry named. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | Readable;
  readonly signal: AbortSignal;
  /** How long the answer may take to begin; only a commit of a large upload needs more than the usual minute. */
  readonly answerWithinMs?: number;
}

export interface BackendResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read to its end, piped or destroyed. */
  readonly body: Readable;
}

/** The registry behind the gateway. */
export interface Backend {
  /** No redirect is followed. @throws Refused UNAVAILABLE (502, 503 or 504) when there was no answer. */
  send(request: BackendRequest): Promise<BackendResponse>;
  /** Small answers whole; more than `maxBytes` is refused. */
  fetch(
    request: BackendRequest,
    maxBytes: number,
  ): Promise<Omit<BackendResponse, 'body'> & { readonly body: Buffer }>;
  /** Of a URL in `Location` or `Link`: path and query when it is the registry's own, null when it leads elsewhere. */
  ownPath(url: string): string | null;
  /** A short way for the bytes of a blob, where there is one: plain HTTP to the registry. */
  readonly pipeBlob?: BlobPipe['pipe'];
  close(): Promise<void>;
}
