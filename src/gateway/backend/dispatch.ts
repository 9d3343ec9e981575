import { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { BackendRequest } from './backend';
import { makeDisposable } from './chunk-memory';

export interface Head {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

type Control = Dispatcher.DispatchController;

/** Takes an answer as it comes in; `pause` and `resume` of the control are its back-pressure. */
export interface Sink {
  head(head: Head, control: Control): void;
  data(chunk: Buffer, control: Control): void;
  end(): void;
  /** Once, in place of `end`, before or after `head`. */
  fail(error: Error): void;
}

/** Of a body that is on its way to the registry; more only costs memory. */
const BODY_BUFFER = 64 * 1024;

/**
 * undici destroys the body that it was given, whatever the outcome. A client's request has to outlive that: the answer goes
 * back over the same socket.
 */
function detached(source: Readable): Readable {
  // Of a request each chunk is read for us alone; what else may come can be somebody's own.
  const isOurs = source instanceof IncomingMessage;
  const onData = (chunk: Buffer): void => {
    if (isOurs) makeDisposable(chunk);
    if (!body.push(chunk)) source.pause();
  };
  const onEnd = (): void => {
    body.push(null);
  };
  const onClose = (): void => {
    if (!source.readableEnded) body.destroy(new Error('the client went away'));
  };
  const body = new Readable({
    highWaterMark: BODY_BUFFER,
    read: () => {
      source.resume();
    },
    destroy: (error, done) => {
      source.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose);
      source.pause();
      done(error);
    },
  });
  source.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose).pause();
  // undici listens while it sends only; what comes later concerns nobody.
  body.on('error', () => undefined);
  return body;
}

function plainHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined) plain[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return plain;
}

interface Timeouts {
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
}

/** Sends one request; the sink hears its end exactly once. */
export function startRequest(
  dispatcher: Dispatcher,
  { method, path, body, signal }: BackendRequest,
  headers: Readonly<Record<string, string>>,
  timeouts: Timeouts,
  sink: Sink,
): void {
  let control: Control | undefined;
  const abort = (): void => {
    control?.abort(new Error('the client went away'));
  };
  signal.addEventListener('abort', abort, { once: true });
  dispatcher.dispatch(
    {
      method,
      path,
      headers,
      body: body instanceof Readable ? detached(body) : (body ?? null),
      ...timeouts,
    },
    {
      onRequestStart: (started) => {
        control = started;
        if (signal.aborted) abort();
      },
      onResponseStart: (current, status, answer) => {
        if (status >= 200) sink.head({ status, headers: plainHeaders(answer) }, current);
      },
      onResponseData: (current, chunk) => {
        sink.data(chunk, current);
      },
      onResponseEnd: () => {
        signal.removeEventListener('abort', abort);
        sink.end();
      },
      onResponseError: (_control, error) => {
        signal.removeEventListener('abort', abort);
        sink.fail(error);
      },
    },
  );
}
