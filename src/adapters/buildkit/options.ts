import type { RegistryCredentials } from '../../contract/docker-config';

export interface BuildkitOptions {
  /** The buildctl binary. */
  readonly buildctl: string;
  /** Of buildkitd, e.g. `unix:///run/buildkit/buildkitd.sock` or `tcp://builder:1234`. */
  readonly address: string;
  /** Host and port of the registry as the builder reaches it. */
  readonly registryHost: string;
  /** The registry speaks plain HTTP or has a certificate nobody signed. */
  readonly insecure: boolean;
  /** For pushes and for the bases; buildctl gives the builder tokens made of them, never the secret. */
  readonly credentials?: RegistryCredentials;
  readonly timeoutMs: number;
  /** `runDetails.builder.id` of the provenance. */
  readonly builderId: string;
  /** Environment of buildctl; nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
}
