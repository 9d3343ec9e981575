import { z } from 'zod';

const time = z.iso.datetime({ offset: true });

/** Beside a file key that was rotated: all its public halves. `rotate-key.ts` writes it. */
export const keyRingFile = z.strictObject({
  versions: z
    .array(
      z.strictObject({
        version: z.string().regex(/^[1-9]\d{0,5}$/),
        publicKey: z.string().min(1).max(2000),
        notBefore: time.nullable(),
        notAfter: time.nullable(),
        revocation: z.strictObject({ revokedAt: time, trustedBefore: time.nullable() }).nullable(),
      }),
    )
    .min(1)
    .max(100),
});

/** `GET {mount}/keys/{name}` of Vault and OpenBao, for asymmetric keys. */
export const transitKey = z.object({
  data: z.object({
    type: z.string(),
    latest_version: z.int().min(1),
    keys: z.record(
      z.string().regex(/^[1-9]\d*$/),
      z.object({ public_key: z.string().min(1), creation_time: time }),
    ),
  }),
});

/** `vault:v3:BASE64`, of OpenBao too. */
const versioned = z
  .string()
  .regex(/^[a-z]+:v[1-9]\d*:[A-Za-z0-9+/]+={0,2}$/)
  .transform((text) => {
    const [, version = '', base64 = ''] = text.split(':');
    return { version: version.slice(1), bytes: Buffer.from(base64, 'base64') };
  });

export const transitSignature = z.object({ data: z.object({ signature: versioned }) });

export const transitMac = z.object({ data: z.object({ hmac: versioned }) });
