import { z } from 'zod';
import { ReleaseError } from '../contract/errors';

/** Pieces that several processes read; every variable has one meaning and one default. */
export const ENVIRONMENT = {
  /** Folder of the local stack: keys, secrets, addresses. */
  PLURA_STATE_DIR: z.string().min(1).default('.plura'),
  PLURA_REGISTRY_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:5000'),
  /** Robot that speaks to the registry; none for a registry that asks for no login. RFC 7617 forbids the colon. */
  PLURA_REGISTRY_USERNAME: z
    .string()
    .regex(/^[^:\s]{1,200}$/)
    .optional(),
  /** File with its secret. */
  PLURA_REGISTRY_PASSWORD_FILE: z.string().min(1).optional(),
  PLURA_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** `host:port` of the Temporal frontend. */
  PLURA_TEMPORAL_ADDRESS: z.string().min(1).default('127.0.0.1:7233'),
  PLURA_TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  PLURA_TEMPORAL_UI_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:8233'),
  PLURA_REKOR_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:3003'),
  /** File: sigstore trusted root, JSON, with the key of the transparency log. */
  PLURA_TRUSTED_ROOT: z.string().min(1),
  /** File: the policy, YAML. */
  PLURA_POLICY: z.string().min(1),
  /** File: the service catalogue, YAML. */
  PLURA_CATALOG: z.string().min(1),
  /** Folder that source folders are relative to. */
  PLURA_SOURCE_ROOT: z.string().min(1),
  /** File: base names as Dockerfiles write them to pinned images, JSON. */
  PLURA_BASES: z.string().min(1),
  /** How often Prometheus scrapes the router. */
  PLURA_SCRAPE_INTERVAL_MS: z.coerce.number().int().min(100).max(60_000).default(15_000),
  PLURA_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info'),
} as const;

/** @throws ReleaseError INVALID_INPUT that names the variable and never shows its value. */
export function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): z.output<Schema> {
  const parsed = schema.safeParse(environment);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new ReleaseError('INVALID_INPUT', `${field}: ${issue?.message ?? 'is not valid'}`, {
    details: { field, remedy: `set ${field} to a value that fits (docs/configuration.md)` },
  });
}
