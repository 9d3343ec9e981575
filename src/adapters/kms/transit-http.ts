import { readFile } from 'node:fs/promises';
import { Agent, request, type Dispatcher } from 'undici';
import type { z } from 'zod';
import { failureReason } from '../../contract/error-reason';
import { keyName, keyUnavailable } from './key-files';

export interface TransitOptions {
  /** Of Vault or OpenBao. */
  readonly url: string;
  /** Where the transit engine is mounted, e.g. `transit`. */
  readonly mount: string;
  readonly namespace: string | null;
  /** Read at each call: an agent writes a fresh token there before the old one ends. */
  readonly tokenFile: string;
  /** PEM of a private CA. */
  readonly ca?: string;
  readonly timeoutMs?: number;
}

interface TransitCall<Schema extends z.ZodType> {
  readonly keyId: string;
  readonly operation: 'keys' | 'sign' | 'hmac';
  /** Its absence makes it a GET. */
  readonly body?: object;
  readonly answer: Schema;
}

/** One call about one key. @throws ReleaseError SIGNER_UNAVAILABLE; the token is in no message. */
export type CallTransit = <Schema extends z.ZodType>(
  call: TransitCall<Schema>,
) => Promise<z.output<Schema>>;

const MAX_ANSWER_BYTES = 1024 * 1024;

const STATUS: Readonly<Record<number, readonly [reason: string, remedy: string]>> = {
  400: ['transit refuses the call', 'check that the key is ecdsa-p256 and may sign'],
  403: ['transit denies access', 'check the token and its policy: read keys/, update sign/, hmac/'],
  404: ['transit has no such key', 'make the key, or check the mount path and the namespace'],
  503: ['the transit service is sealed or in maintenance', 'unseal it'],
};

export function createTransitCall(options: TransitOptions): CallTransit {
  const { ca, timeoutMs = 10_000 } = options;
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } });
  return async ({ keyId, operation, body, answer }) => {
    const suffix = operation === 'keys' ? '' : '/sha2-256';
    const path = `/v1/${options.mount}/${operation}/${keyName(keyId)}${suffix}`;
    const token = await readToken(keyId, options.tokenFile);
    const { status, text } = await exchange(keyId, new URL(path, options.url), {
      dispatcher,
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'x-vault-token': token,
        'x-vault-request': 'true',
        'content-type': 'application/json',
        ...(options.namespace !== null && { 'x-vault-namespace': options.namespace }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (status !== 200) {
      const [reason, remedy] = STATUS[status] ?? [
        `transit answered ${status}`,
        'check that the transit service is healthy; the call is tried again by itself',
      ];
      throw keyUnavailable(keyId, reason, remedy);
    }
    const parsed = answer.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw keyUnavailable(
      keyId,
      'transit gave an answer of another shape',
      'check that the key is of the type it should be, and that the address is a Vault or OpenBao',
      parsed.error,
    );
  };
}

type RequestOptions = { dispatcher: Dispatcher } & Omit<
  Dispatcher.RequestOptions,
  'origin' | 'path'
>;

async function exchange(
  keyId: string,
  url: URL,
  options: RequestOptions,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const { statusCode, body } = await request(url, options);
    const parts: Uint8Array[] = [];
    let size = 0;
    const chunks: AsyncIterable<Uint8Array> = body;
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) {
        throw new Error(`its answer is over ${MAX_ANSWER_BYTES} bytes`);
      }
      parts.push(chunk);
    }
    return { status: statusCode, text: Buffer.concat(parts).toString('utf8') };
  } catch (error) {
    throw keyUnavailable(
      keyId,
      `transit cannot be asked: ${failureReason(error)}`,
      'check that the transit service is reachable; the call is tried again by itself',
      error,
    );
  }
}

async function readToken(keyId: string, file: string): Promise<string> {
  let token: string;
  try {
    token = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw keyUnavailable(keyId, `the token file ${file} cannot be read`, 'check its path', cause);
  }
  // A header with other bytes would be refused by undici with the token in its message.
  if (!/^[\x21-\x7e]{1,4096}$/.test(token)) {
    throw keyUnavailable(keyId, `${file} holds no token`, 'let the agent write a token there');
  }
  return token;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
