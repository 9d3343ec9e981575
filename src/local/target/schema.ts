import { z } from 'zod';
import { isDigest, type Digest } from '../../domain/digest';
import { ENVIRONMENTS, isServiceName } from '../../domain/reference';

const MAX_READY_MS = 60 * 60_000;
/** distribution-spec, "Pulling manifests". */
const REPOSITORY =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

const Env = z.enum(ENVIRONMENTS);
const Svc = z.string().refine(isServiceName, 'not a service name');
const DigestText = z.custom<Digest>(
  (value) => typeof value === 'string' && isDigest(value),
  'not a sha256 digest',
);
const Epoch = z.int().min(0);
const HealthPath = z
  .string()
  .max(512)
  .regex(/^\/[\x21-\x7e]*$/, 'not an absolute path');

const Image = z.object({
  repository: z.string().max(255).regex(REPOSITORY),
  digest: DigestText,
});

export const PlacementParams = z.object({ svc: Svc, env: Env });
export const TrackParams = PlacementParams.extend({ track: z.enum(['stable', 'candidate']) });

export const StartBody = z.object({
  epoch: Epoch,
  image: Image,
  healthPath: HealthPath,
  readyTimeoutMs: z.int().min(1).max(MAX_READY_MS),
});
export const StableBody = StartBody.extend({ former: z.enum(['keep', 'stop']).default('keep') });
export const PercentBody = z.object({
  epoch: Epoch,
  candidate: DigestText,
  percent: z.int().min(0).max(100),
});
export const WithdrawBody = z.object({ epoch: Epoch });

export const PlacedImage = z.object({
  image: Image,
  healthPath: HealthPath,
  readyTimeoutMs: z.int().min(1),
});
export type PlacedImage = z.infer<typeof PlacedImage>;

/** What is written to disk for one service in one environment. */
export const PlacementState = z.object({
  svc: Svc,
  env: Env,
  epoch: Epoch,
  routerPort: z.int().min(0).max(65_535),
  stable: PlacedImage.nullable(),
  candidate: PlacedImage.nullable(),
  candidatePercent: z.int().min(0).max(100),
  warm: z.array(PlacedImage),
});
export type PlacementState = z.infer<typeof PlacementState>;
