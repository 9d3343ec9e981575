import path from 'node:path';
import { z } from 'zod';
import { AdmissionFile } from '../contract/schema/admission-settings';
import type { AdmissionSettings } from '../domain/admission/settings';
import { ENVIRONMENT, readEnvironment } from './environment';
import { readVerifierKeysConfig, type VerifierKeysConfig } from './kms';
import { loginOf, type RegistryLogin } from './registry-login';
import { parseYaml, readYamlFile } from './yaml-file';

const port = (ours: number): z.ZodDefault<z.ZodCoercedNumber> =>
  z.coerce.number().int().min(1).max(65_535).default(ours);

const AdmissionEnvironment = z.object({
  PLURA_DATABASE_URL: ENVIRONMENT.PLURA_DATABASE_URL,
  PLURA_REGISTRY_URL: ENVIRONMENT.PLURA_REGISTRY_URL,
  PLURA_REGISTRY_USERNAME: ENVIRONMENT.PLURA_REGISTRY_USERNAME,
  PLURA_REGISTRY_PASSWORD_FILE: ENVIRONMENT.PLURA_REGISTRY_PASSWORD_FILE,
  PLURA_TRUSTED_ROOT: ENVIRONMENT.PLURA_TRUSTED_ROOT,
  PLURA_POLICY: ENVIRONMENT.PLURA_POLICY,
  PLURA_CATALOG: ENVIRONMENT.PLURA_CATALOG,
  PLURA_LOG_LEVEL: ENVIRONMENT.PLURA_LOG_LEVEL,
  /** Loopback unless it runs in the cluster that asks it. */
  PLURA_HOST: z.string().min(1).default('127.0.0.1'),
  PLURA_PORT: port(9443),
  /** Health and metrics, without TLS. */
  PLURA_OPERATIONS_HOST: z.string().min(1).default('127.0.0.1'),
  PLURA_OPERATIONS_PORT: port(9444),
  /** File: how the webhook works, YAML (deploy/admission/default.yaml). */
  PLURA_ADMISSION: z.string().min(1),
  /** File: guardrails over the standard, YAML (docs/guardrails.md). */
  PLURA_GUARDRAILS: z.string().min(1).optional(),
  PLURA_KUBECONFIG: z.string().min(1).optional(),
  /** Kubernetes sets it in every pod. */
  KUBERNETES_SERVICE_HOST: z.string().optional(),
  PLURA_ADMISSION_CERT: z.string().min(1),
  PLURA_ADMISSION_KEY: z.string().min(1),
  /** File: who signs the API server's client certificate; without it anyone who reaches the port may ask. */
  PLURA_ADMISSION_CLIENT_CA: z.string().min(1).optional(),
  /** Names and addresses, by commas: makes certificate and key for them where there are none. */
  PLURA_ADMISSION_SELF_MADE_FOR: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+(?:,[A-Za-z0-9.:-]+)*$/, 'must be names or addresses, by commas')
    .optional(),
  /** File that audit entries of break-glass wait in while Postgres is away. */
  PLURA_ADMISSION_AUDIT_FILE: z.string().min(1),
});

export interface AdmissionConfig {
  readonly host: string;
  readonly port: number;
  readonly operations: { readonly host: string; readonly port: number };
  readonly settingsFile: string;
  readonly guardrailsFile: string | undefined;
  /** Whose NetworkPolicies are read; null where there is none, as on a laptop. `kubeConfigFile` null: the one this runs in. */
  readonly cluster: { readonly kubeConfigFile: string | null } | null;
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile: string | null;
  readonly selfMadeFor: readonly string[] | null;
  readonly auditFile: string;
  readonly registryUrl: string;
  readonly registryLogin: RegistryLogin | null;
  readonly databaseUrl: string;
  readonly trustedRootFile: string;
  readonly keys: VerifierKeysConfig;
  readonly policyFile: string;
  readonly catalogFile: string;
  readonly logLevel: string;
}

function clusterOf({
  PLURA_KUBECONFIG: file,
  KUBERNETES_SERVICE_HOST: host,
}: z.output<typeof AdmissionEnvironment>): AdmissionConfig['cluster'] {
  if (file !== undefined) return { kubeConfigFile: path.resolve(file) };
  return host === undefined ? null : { kubeConfigFile: null };
}

/** @throws ReleaseError INVALID_INPUT that names the variable. */
export function readAdmissionConfig(environment: NodeJS.ProcessEnv = process.env): AdmissionConfig {
  const env = readEnvironment(AdmissionEnvironment, environment);
  const clientCa = env.PLURA_ADMISSION_CLIENT_CA;
  return {
    host: env.PLURA_HOST,
    port: env.PLURA_PORT,
    operations: { host: env.PLURA_OPERATIONS_HOST, port: env.PLURA_OPERATIONS_PORT },
    settingsFile: path.resolve(env.PLURA_ADMISSION),
    guardrailsFile:
      env.PLURA_GUARDRAILS === undefined ? undefined : path.resolve(env.PLURA_GUARDRAILS),
    cluster: clusterOf(env),
    certFile: path.resolve(env.PLURA_ADMISSION_CERT),
    keyFile: path.resolve(env.PLURA_ADMISSION_KEY),
    clientCaFile: clientCa === undefined ? null : path.resolve(clientCa),
    selfMadeFor: env.PLURA_ADMISSION_SELF_MADE_FOR?.split(',') ?? null,
    auditFile: path.resolve(env.PLURA_ADMISSION_AUDIT_FILE),
    registryUrl: env.PLURA_REGISTRY_URL,
    registryLogin: loginOf(env, 'PLURA_REGISTRY'),
    databaseUrl: env.PLURA_DATABASE_URL,
    trustedRootFile: path.resolve(env.PLURA_TRUSTED_ROOT),
    keys: readVerifierKeysConfig(environment),
    policyFile: path.resolve(env.PLURA_POLICY),
    catalogFile: path.resolve(env.PLURA_CATALOG),
    logLevel: env.PLURA_LOG_LEVEL,
  };
}

/** @throws ReleaseError INVALID_INPUT that names file, line and field. */
export function loadAdmissionSettings(file: string): AdmissionSettings {
  return parseYaml(AdmissionFile, readYamlFile(file));
}
