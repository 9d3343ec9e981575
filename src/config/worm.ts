import { z } from 'zod';
import { readEnvironment } from './environment';

const WormEnvironment = z.object({
  /** Bucket with Object Lock for incident copies; none without it. Credentials come as AWS's SDK finds them. */
  PLURA_WORM_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
    .optional(),
  /** Before every key. */
  PLURA_WORM_PREFIX: z
    .string()
    .regex(/^(?:[\w.-]+\/)*$/)
    .default(''),
  PLURA_WORM_REGION: z.string().min(1).default('us-east-1'),
  /** Instead of AWS's own, e.g. of MinIO, Ceph or a VPC endpoint. */
  PLURA_WORM_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  /** The bucket in the path and not in the host's name. */
  PLURA_WORM_PATH_STYLE: z.stringbool().default(false),
});

export interface WormConfig {
  readonly bucket: string;
  readonly prefix: string;
  readonly region: string;
  readonly endpoint: string | null;
  readonly pathStyle: boolean;
}

/** Null where no copies are made. @throws ReleaseError INVALID_INPUT that names the variable. */
export function readWormConfig(environment: NodeJS.ProcessEnv): WormConfig | null {
  // Compose gives what is not set as an empty text.
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const env = readEnvironment(WormEnvironment, Object.fromEntries(given));
  if (env.PLURA_WORM_BUCKET === undefined) return null;
  return {
    bucket: env.PLURA_WORM_BUCKET,
    prefix: env.PLURA_WORM_PREFIX,
    region: env.PLURA_WORM_REGION,
    endpoint: env.PLURA_WORM_ENDPOINT ?? null,
    pathStyle: env.PLURA_WORM_PATH_STYLE,
  };
}
