import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ENVIRONMENT, readEnvironment } from './environment';

const CliEnvironment = z.object({
  PLURA_STATE_DIR: ENVIRONMENT.PLURA_STATE_DIR,
  PLURA_SERVER: z.url({ protocol: /^https?$/ }).optional(),
  PLURA_TOKEN: z.string().min(1).optional(),
  PLURA_CONFIG: z.string().min(1).optional(),
  XDG_CONFIG_HOME: z.string().optional(),
  /** https://no-color.org */
  NO_COLOR: z.string().optional(),
  LC_ALL: z.string().optional(),
  LC_CTYPE: z.string().optional(),
  LANG: z.string().optional(),
});

export interface CliConfig {
  readonly server: string | undefined;
  readonly token: string | undefined;
  readonly configFile: string;
  readonly stateDir: string;
  readonly noColor: boolean;
  /** Whether the locale is a UTF-8 one. */
  readonly unicode: boolean;
}

/** POSIX, "Environment Variables": the first of these that is set and not empty names the character set. */
function isUnicode(...locales: readonly (string | undefined)[]): boolean {
  const locale = locales.find((one) => one !== undefined && one !== '');
  return /utf-?8/i.test(locale ?? '');
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readCliConfig(environment: NodeJS.ProcessEnv = process.env): CliConfig {
  const env = readEnvironment(CliEnvironment, environment);
  const configHome = env.XDG_CONFIG_HOME || path.join(os.homedir(), '.config');
  return {
    server: env.PLURA_SERVER,
    token: env.PLURA_TOKEN,
    configFile: path.resolve(env.PLURA_CONFIG ?? path.join(configHome, 'plura', 'config.json')),
    stateDir: path.resolve(env.PLURA_STATE_DIR),
    noColor: (env.NO_COLOR ?? '') !== '',
    unicode: isUnicode(env.LC_ALL, env.LC_CTYPE, env.LANG),
  };
}
