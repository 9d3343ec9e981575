import { z } from 'zod';
import { isDigest, type Digest } from '../../domain/digest';
import { ENVIRONMENTS } from '../../domain/reference';

const DigestText = z.custom<Digest>(
  (value) => typeof value === 'string' && isDigest(value),
  'not a sha256 digest',
);

export const RolloutState = z.object({
  svc: z.string(),
  env: z.enum(ENVIRONMENTS),
  epoch: z.int(),
  stable: DigestText.nullable(),
  candidate: DigestText.nullable(),
  candidatePercent: z.number(),
  url: z.url(),
  warm: z.array(DigestText).exactOptional(),
  drift: z.array(z.string()).exactOptional(),
  trouble: z.string().exactOptional(),
});

export const TrackUrl = z.object({ url: z.url().nullable() });

export const Problem = z.object({
  code: z.string(),
  message: z.string(),
  details: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .default({}),
});
