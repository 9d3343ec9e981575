import path from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT, readEnvironment } from './environment';

const TrafficEnvironment = z.object({
  PLURA_STATE_DIR: ENVIRONMENT.PLURA_STATE_DIR,
  PLURA_LOG_LEVEL: ENVIRONMENT.PLURA_LOG_LEVEL,
  PLURA_TARGET_URL: z.url({ protocol: /^http$/ }).default('http://127.0.0.1:7420'),
  PLURA_TARGET_TOKEN_FILE: z.string().min(1).optional(),
  /** For each service in each environment. */
  PLURA_TRAFFIC_RATE: z.coerce.number().min(1).max(500).default(40),
  /** Services times environments that are asked at a time, what has a candidate before all others. */
  PLURA_TRAFFIC_ROUTERS: z.coerce.number().int().min(1).max(1000).default(50),
  /** File: the service catalogue; its scenarios' GET paths are asked for. Without it, `/`. */
  PLURA_CATALOG: z.string().min(1).optional(),
});

export interface TrafficConfig {
  readonly targetUrl: string;
  readonly tokenFile: string;
  readonly requestsPerSecond: number;
  readonly maxRouters: number;
  readonly catalogFile: string | undefined;
  readonly logLevel: z.infer<typeof ENVIRONMENT.PLURA_LOG_LEVEL>;
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readTrafficConfig(environment: NodeJS.ProcessEnv = process.env): TrafficConfig {
  const env = readEnvironment(TrafficEnvironment, environment);
  const usual = path.join(env.PLURA_STATE_DIR, 'target', 'token');
  return {
    targetUrl: env.PLURA_TARGET_URL,
    tokenFile: path.resolve(env.PLURA_TARGET_TOKEN_FILE ?? usual),
    requestsPerSecond: env.PLURA_TRAFFIC_RATE,
    maxRouters: env.PLURA_TRAFFIC_ROUTERS,
    catalogFile: env.PLURA_CATALOG,
    logLevel: env.PLURA_LOG_LEVEL,
  };
}
