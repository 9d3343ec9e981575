import { createPublicKey } from 'node:crypto';
import type { LogRequest, LogWitness } from '../../ports/signer';
import { callLog, logUnavailable } from './http';
import { logEntry } from './schema';

export interface RekorOptions {
  /** Base URL of a Rekor v2 log. */
  readonly url: string;
  /** In ms. The log answers when the next checkpoint holds the entry, so more than its interval. */
  readonly timeoutMs?: number;
}

function requestBody({ digest, signature, publicKey }: LogRequest): object {
  const der = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
  return {
    hashedRekordRequestV002: {
      digest: digest.toString('base64'),
      signature: {
        content: signature.toString('base64'),
        verifier: {
          publicKey: { rawBytes: der.toString('base64') },
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        },
      },
    },
  };
}

/**
 * Rekor v2 (rekor-tiles, CLIENTS.md). Written here since @sigstore/sign sends certificates only, and has a heavy HTTP stack;
 * the log takes `hashedrekord` alone, for a DSSE envelope over its pre-authentication encoding.
 */
export function createRekorWitness({ url, timeoutMs = 20_000 }: RekorOptions): LogWitness {
  const entries = new URL('/api/v2/log/entries', url);
  return {
    record: async (request) => {
      const text = await callLog(entries, timeoutMs, requestBody(request));
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch (cause) {
        throw logUnavailable('the answer is not JSON', cause);
      }
      const entry = logEntry.safeParse(json);
      if (!entry.success) {
        throw logUnavailable('the answer is no log entry', entry.error);
      }
      return entry.data;
    },
  };
}
