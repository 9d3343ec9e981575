import path from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT, readEnvironment } from './environment';

const StackEnvironment = z.object({
  PLURA_STATE_DIR: ENVIRONMENT.PLURA_STATE_DIR,
  /** Moves all ports of the local stack, so that two can run on one machine. */
  PLURA_PORT_OFFSET: z.coerce.number().int().min(0).max(50_000).default(0),
});

export interface StackConfig {
  readonly stateDir: string;
  readonly portOffset: number;
  /** Passed on to tools and parts, which pick what they may see. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  /** Variables for our own processes that whoever starts the stack has set. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** What a person may change of the processes of a local stack. Where credentials are, and none: every part gets these. */
const OVERRIDABLE = [
  ...['PLURA_POLICY', 'PLURA_CATALOG', 'PLURA_SOURCE_ROOT', 'PLURA_LOG_LEVEL'],
  ...['PLURA_WORM_BUCKET', 'PLURA_WORM_PREFIX', 'PLURA_WORM_REGION', 'PLURA_WORM_ENDPOINT'],
  ...['PLURA_WORM_PATH_STYLE', 'AWS_PROFILE', 'AWS_SHARED_CREDENTIALS_FILE'],
];

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readStackConfig(environment: NodeJS.ProcessEnv = process.env): StackConfig {
  const env = readEnvironment(StackEnvironment, environment);
  const overrides = OVERRIDABLE.map((name) => [name, environment[name]] as const);
  return {
    stateDir: path.resolve(env.PLURA_STATE_DIR),
    portOffset: env.PLURA_PORT_OFFSET,
    environment,
    overrides: Object.fromEntries(
      overrides.filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
  };
}
