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

/** RFC 1123, as Kubernetes has names. */
const Name = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);

const CollectorEnvironment = z.object({
  /** How disk is taken back: by a command where the registry's storage is, by the registry itself, or not at all. */
  PLURA_COLLECTOR: z.enum(['none', 'command', 'kubernetes', 'online']).default('none'),
  /** JSON array: the command and its arguments, e.g. `["registry","garbage-collect","/etc/distribution/config.yml"]`. */
  PLURA_COLLECTOR_COMMAND: Argv.optional(),
  /** JSON array: ends what killing the command leaves behind, e.g. a container. */
  PLURA_COLLECTOR_STOP: Argv.optional(),
  /** Folder of the registry's storage, to measure it; of a Job, where the registry's configuration looks for it. */
  PLURA_COLLECTOR_STORAGE_DIR: z.string().min(1).optional(),
  /** Of a Job: where it runs, the registry's image, the claim of its storage, the ConfigMap with its `config.yml`. */
  PLURA_COLLECTOR_NAMESPACE: Name.default('default'),
  PLURA_COLLECTOR_IMAGE: z.string().min(1).default('ghcr.io/distribution/distribution:3.1.2'),
  PLURA_COLLECTOR_CLAIM: Name.default('registry'),
  PLURA_COLLECTOR_CONFIG_MAP: Name.default('registry'),
  /** File; without it the pod's own service account. */
  PLURA_KUBECONFIG: z.string().min(1).optional(),
});

export type CollectorConfig =
  | { readonly kind: 'none' }
  | { readonly kind: 'online'; readonly storageDir: string | null }
  | {
      readonly kind: 'kubernetes';
      readonly kubeConfigFile: string | null;
      readonly namespace: string;
      readonly image: string;
      readonly claim: string;
      readonly storagePath: string;
      readonly configMap: string;
    }
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
  if (kind === 'kubernetes') {
    return {
      kind,
      kubeConfigFile: env.PLURA_KUBECONFIG ?? null,
      namespace: env.PLURA_COLLECTOR_NAMESPACE,
      image: env.PLURA_COLLECTOR_IMAGE,
      claim: env.PLURA_COLLECTOR_CLAIM,
      storagePath: storageDir ?? '/var/lib/registry',
      configMap: env.PLURA_COLLECTOR_CONFIG_MAP,
    };
  }
  if (command === undefined) {
    const field = 'PLURA_COLLECTOR_COMMAND';
    throw new ReleaseError('INVALID_INPUT', `${field}: is needed with PLURA_COLLECTOR=command`, {
      details: { field, remedy: 'give the command as a JSON array of strings' },
    });
  }
  return { kind, command, stop: env.PLURA_COLLECTOR_STOP ?? null, storageDir };
}
