export interface BuildkitdConfigInput {
  /** State folder; on a file system that overlayfs accepts as upper layer (ext4, xfs), not on overlayfs itself. */
  readonly root: string;
  /** Path of the unix socket; at most 107 bytes, the kernel's limit. */
  readonly socket: string;
  /** Host and port of the registry; plain HTTP. */
  readonly registryHost: string;
  /** The OCI runtime: a path, or a name on PATH. It must know seccomp, else every RUN fails. */
  readonly runc: string;
  /** `native` where overlayfs is refused, e.g. inside a container without a volume. */
  readonly snapshotter?: 'overlayfs' | 'native';
  /** Build cache kept at most, in MB. */
  readonly cacheLimitMb?: number;
}

/**
 * buildkitd.toml of the local stack (buildkit, docs/buildkitd.toml.md); start with `buildkitd --config FILE`, as root.
 * RUN steps share the host's network, so that no CNI plugins are needed.
 */
export function buildkitdConfig(input: BuildkitdConfigInput): string {
  const text = (value: string): string => JSON.stringify(value);
  return `root = ${text(input.root)}

[grpc]
  address = [${text(`unix://${input.socket}`)}]

[cdi]
  disabled = true

[worker.containerd]
  enabled = false

[worker.oci]
  enabled = true
  binary = ${text(input.runc)}
  snapshotter = ${text(input.snapshotter ?? 'overlayfs')}
  networkMode = "host"
  gc = true
  maxUsedSpace = ${text(`${input.cacheLimitMb ?? 4000}MB`)}

[registry.${text(input.registryHost)}]
  http = true
  insecure = true
`;
}
