import { z } from 'zod';
import type { Json } from '../../domain/verdict';

/** Of JSON.parse, which gives nothing else; to look at each part of an SBOM took longer than to verify its signature. */
const json = z.custom<Json>((value) => value !== undefined);

/** in-toto Statement; `cosign attest` still writes v0.1. */
export const statement = z.object({
  _type: z.enum(['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']),
  subject: z
    .array(z.object({ name: z.string().optional(), digest: z.record(z.string(), z.string()) }))
    .min(1)
    .max(1000),
  predicateType: z.string().min(1).max(1000),
  predicate: json.default({}),
});

/** What Rekor v2 keeps of a signature (rekor-tiles, CLIENTS.md); the library compares all but the key. */
export const hashedRekordBody = z.object({
  kind: z.literal('hashedrekord'),
  apiVersion: z.literal('0.0.2'),
  spec: z.object({
    hashedRekordV002: z.object({
      signature: z.object({
        verifier: z.object({ publicKey: z.object({ rawBytes: z.string() }) }),
      }),
    }),
  }),
});

/** What cosign 1 and 2 sign (containers/image, atomic-signature-embedded-json). */
export const simpleSigning = z.object({
  critical: z.object({
    type: z.enum(['cosign container image signature', 'atomic container signature']),
    image: z.object({ 'docker-manifest-digest': z.string().max(200) }),
  }),
});

/** Annotation `dev.sigstore.cosign/bundle`. */
export const rekorBundle = z.object({
  SignedEntryTimestamp: z.base64(),
  Payload: z.object({
    body: z.base64(),
    integratedTime: z.int(),
    logIndex: z.int(),
    logID: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});
