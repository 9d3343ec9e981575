import { z } from 'zod';
import type { Signer, TransparencyLog } from '../../ports/signer';
import { callLog, logUnavailable } from './http';
import type { RekorOptions } from './rekor-witness';

interface RekorLogOptions extends RekorOptions {
  /** Signs what is appended; its own witness is the same log. */
  readonly signer: Signer;
}

/** The index that the proof vouches for; the one beside it is not covered by any signature. */
const bundleIndex = z.object({
  verificationMaterial: z.object({
    tlogEntries: z
      .array(z.object({ inclusionProof: z.object({ logIndex: z.string().default('0') }) }))
      .length(1),
  }),
});

export function createRekorLog({
  url,
  signer,
  timeoutMs = 20_000,
}: RekorLogOptions): TransparencyLog {
  return {
    append: async (keyId, statement) => {
      const bundle = await signer.sign(keyId, statement, true);
      const parsed = bundleIndex.safeParse(JSON.parse(bundle.toString('utf8')));
      const entry = parsed.data?.verificationMaterial.tlogEntries[0];
      if (!entry) {
        throw logUnavailable('the signer put no log entry into the bundle', parsed.error);
      }
      return { index: entry.inclusionProof.logIndex, bundle };
    },
    ping: async () => {
      await callLog(new URL('/healthz', url), timeoutMs);
    },
  };
}
