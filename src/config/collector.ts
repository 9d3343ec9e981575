import { z } from 'zod';
import { ReleaseError } from '../contract/errors';
import { readEnvironment } from './environment';

const Argv = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.array(z.string().min(1)).min(1).max(100));

const CollectorEnvironment = z.object({
  /** How disk is taken back: by a command where the registry's storage is, by the registry itself, or not at all. */
  PLURA_COLLECTOR: z.enum(['none', 'command', 'online']).default('none'),
  /** JSON array: the command and its arguments, e.g. `["registry","garbage-collect","/etc/distribution/config.yml"]`. */
  PLURA_COLLECTOR_COMMAND: Argv.optional(),
  /** JSON array: ends what killing the command leaves behind, e.g. a container. */
  PLURA_COLLECTOR_STOP: Argv.optional(),
  /** Folder of the registry's storage, to measure it. */
  PLURA_COLLECTOR_STORAGE_DIR: z.string().min(1).optional(),
});

export type CollectorConfig =
  | { readonly kind: 'none' }
  | { readonly kind: 'online'; readonly storageDir: string | null }
  | {
      readonly kind: 'command';
      readonly command: readonly string[];
      readonly stop: readonly string[] | null;
      readonly storageDir: string | null;
    };

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readCollectorConfig(environment: NodeJS.ProcessEnv): CollectorConfig {
  const env = readEnvironment(CollectorEnvironment, environment);
  const { PLURA_COLLECTOR: kind, PLURA_COLLECTOR_COMMAND: command } = env;
  const storageDir = env.PLURA_COLLECTOR_STORAGE_DIR ?? null;
  if (kind === 'none') return { kind };
  if (kind === 'online') return { kind, storageDir };
  if (command === undefined) {
    const field = 'PLURA_COLLECTOR_COMMAND';
    throw new ReleaseError('INVALID_INPUT', `${field}: is needed with PLURA_COLLECTOR=command`, {
      details: { field, remedy: 'give the command as a JSON array of strings' },
    });
  }
  return { kind, command, stop: env.PLURA_COLLECTOR_STOP ?? null, storageDir };
}
