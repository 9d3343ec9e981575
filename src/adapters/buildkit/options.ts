export interface BuildkitOptions {
  /** The buildctl binary. */
  readonly buildctl: string;
  /** Of buildkitd, e.g. `unix:///run/buildkit/buildkitd.sock` or `tcp://builder:1234`. */
  readonly address: string;
  /** Host and port of the registry as the builder reaches it. */
  readonly registryHost: string;
  /** The registry speaks plain HTTP or has a certificate nobody signed. */
  readonly insecure: boolean;
  readonly timeoutMs: number;
  /** `runDetails.builder.id` of the provenance. */
  readonly builderId: string;
  /** Environment of buildctl, e.g. DOCKER_CONFIG; nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
}
