import { z } from 'zod';

const Bundle = z.looseObject({
  dsseEnvelope: z.looseObject({ payload: z.base64() }),
});
const Statement = z.looseObject({ predicateType: z.string().max(1024) });

/** The predicateType that a bundle claims, before anything is verified; null when it can't be read. */
export function claimedPredicateType(bundle: Buffer): string | null {
  try {
    const { dsseEnvelope } = Bundle.parse(JSON.parse(bundle.toString('utf8')));
    const text = Buffer.from(dsseEnvelope.payload, 'base64').toString('utf8');
    return Statement.parse(JSON.parse(text)).predicateType;
  } catch {
    return null;
  }
}
