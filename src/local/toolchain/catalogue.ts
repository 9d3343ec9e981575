import type { Trim } from './trim';

/** A tool of the local stack: how to recognise it on PATH, and how to build it once with Go. */
export interface Tool {
  readonly version: string;
  readonly purpose: string;
  /** Binary name to Go package. */
  readonly binaries: Readonly<Record<string, string>>;
  /** Source of a main package around a library; then `binaries` names the library. */
  readonly main?: string;
  /** False: compiled a fifth faster and running slower, for tools whose speed nobody waits for. */
  readonly optimised?: false;
  /** Build tags. */
  readonly tags?: readonly string[];
  /** Environment its build needs beyond the usual. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is left out of its sources. */
  readonly trim?: Trim;
  /**
   * Modules that its go.mod replaces by folders of its own repository, and that are published too, all at one version. Go
   * heeds replace directives of the main module only, so the build says them again.
   */
  readonly staging?: { readonly version: string; readonly modules: readonly string[] };
  /** How a binary on PATH says its version, and the version that fits; without it PATH is not asked. */
  readonly onPath?: { readonly args: readonly string[]; readonly fits: string };
}

/** `bolt-fixtures DATABASE YAML...`: loads YAML files into a new bbolt database. */
const BOLT_FIXTURES_MAIN = `package main

import (
	"log"
	"os"

	fixtures "github.com/aquasecurity/bolt-fixtures"
)

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: bolt-fixtures DATABASE YAML...")
	}
	loader, err := fixtures.New(os.Args[1], os.Args[2:])
	if err != nil {
		log.Fatal(err)
	}
	if err := loader.Load(); err != nil {
		log.Fatal(err)
	}
	if err := loader.Close(); err != nil {
		log.Fatal(err)
	}
}
`;

/** Its own cmd/registry with the storage that is used here: clients of three clouds are half of what would be compiled. */
const REGISTRY_MAIN = `package main

import (
	"os"

	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	_ "github.com/distribution/distribution/v3/registry/proxy"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/middleware/redirect"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/middleware/rewrite"
)

func main() {
	if err := registry.RootCmd.Execute(); err != nil {
		os.Exit(1)
	}
}
`;

/** cloud.google.com/go/storage: reaches the JSON API only; its gRPC one brings Envoy's API along, 130 packages. */
const STORAGE_WITHOUT_GRPC = 'disable_grpc_modules';

/** `staging/src/k8s.io/*` of Kubernetes 1.34. */
const KUBERNETES_STAGING = [
  'api',
  'apiextensions-apiserver',
  'apimachinery',
  'apiserver',
  'cli-runtime',
  'client-go',
  'cloud-provider',
  'cluster-bootstrap',
  'code-generator',
  'component-base',
  'component-helpers',
  'controller-manager',
  'cri-api',
  'cri-client',
  'csi-translation-lib',
  'dynamic-resource-allocation',
  'endpointslice',
  'externaljwt',
  'kms',
  'kube-aggregator',
  'kube-controller-manager',
  'kube-proxy',
  'kube-scheduler',
  'kubectl',
  'kubelet',
  'metrics',
  'mount-utils',
  'pod-security-admission',
  'sample-apiserver',
].map((name) => `k8s.io/${name}`);

/**
 * The tools, in the order in which they are built when missing: those first that the API and the Web UI
 * need to answer. Versions are those of design section 3.
 */
export const CATALOGUE = {
  temporal: {
    version: 'v1.5.1',
    purpose: 'workflow server and Web UI',
    binaries: { temporal: 'github.com/temporalio/cli/cmd/temporal' },
    // Archives in two clouds.
    trim: {
      module: 'go.temporal.io/server',
      version: 'v1.29.1',
      without: ['common/archiver/gcloud', 'common/archiver/s3store'],
    },
    onPath: { args: ['--version'], fits: '^1.5.1' },
  },
  registry: {
    version: 'v3.1.2',
    purpose: 'OCI registry',
    binaries: { registry: 'github.com/distribution/distribution/v3/registry' },
    main: REGISTRY_MAIN,
    onPath: { args: ['--version'], fits: '^3.1.2' },
  },
  'bolt-fixtures': {
    version: 'v0.0.0-20200903104109-d34e7f983986',
    purpose: 'makes the small vulnerability database',
    binaries: { 'bolt-fixtures': 'github.com/aquasecurity/bolt-fixtures' },
    main: BOLT_FIXTURES_MAIN,
  },
  rekor: {
    version: 'v2.3.0',
    purpose: 'transparency log',
    binaries: { 'rekor-server': 'github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix' },
    onPath: { args: ['version'], fits: '^2.3.0' },
  },
  buildkit: {
    version: 'v0.34.2',
    purpose: 'image builder',
    binaries: {
      buildkitd: 'github.com/moby/buildkit/cmd/buildkitd',
      buildctl: 'github.com/moby/buildkit/cmd/buildctl',
    },
    trim: {
      module: 'github.com/moby/buildkit',
      without: ['cache/remotecache/azblob', 'cache/remotecache/s3'],
    },
    optimised: false,
    onPath: { args: ['--version'], fits: '^0.34.2' },
  },
  trivy: {
    version: 'v0.74.0',
    purpose: 'scanner',
    binaries: { trivy: 'github.com/aquasecurity/trivy/cmd/trivy' },
    tags: [STORAGE_WITHOUT_GRPC],
    // Scans of images and SBOMs need none of it, and it is a third of what is compiled.
    trim: {
      module: 'github.com/aquasecurity/trivy',
      keep: ['cmd', 'pkg', 'internal', 'rpc', 'go.mod', 'go.sum'],
      without: ['pkg/k8s', 'pkg/iac/scanners/helm'],
    },
    optimised: false,
    onPath: { args: ['--version'], fits: '^0.74.0' },
  },
  prometheus: {
    // The Go module v0.316.0 is the release 3.16.0.
    version: 'v0.316.0',
    purpose: 'metrics of canary and observation',
    binaries: { prometheus: 'github.com/prometheus/prometheus/cmd/prometheus' },
    // Its targets are named in its file: the clients of two dozen clouds need not be compiled.
    tags: ['remove_all_sd'],
    trim: {
      module: 'github.com/prometheus/prometheus',
      without: [
        ...['openapi', 'openapi_examples', 'openapi_helpers', 'openapi_paths'].map(
          (name) => `web/api/v1/${name}.go`,
        ),
        'web/api/v1/openapi_schemas.go',
        'storage/remote/azuread',
        'storage/remote/googleiam',
      ],
    },
    optimised: false,
    onPath: { args: ['--version'], fits: '^3.16.0' },
  },
  cosign: {
    version: 'v3.1.3',
    purpose: 'checks our signatures as anyone would',
    binaries: { cosign: 'github.com/sigstore/cosign/v3/cmd/cosign' },
    // Where keys may lie; how signatures are checked is all there.
    trim: {
      module: 'github.com/sigstore/cosign/v3',
      without: ['pkg/cosign/kubernetes', 'pkg/cosign/git'],
    },
    optimised: false,
    onPath: { args: ['version'], fits: '^3.1.3' },
  },
  crane: {
    version: 'v0.21.0',
    purpose: 'registry client of tests and benchmarks',
    binaries: { crane: 'github.com/google/go-containerregistry/cmd/crane' },
    onPath: { args: ['version'], fits: '>=0.21.0 <1.0.0' },
  },
  conformance: {
    // Untagged upstream: of 2026-08-31, tests the distribution-spec 1.1.
    version: 'v0.0.0-20260831232431-97274622c111',
    purpose: 'official test suite of the registry protocol',
    binaries: { conformance: 'github.com/opencontainers/distribution-spec/conformance' },
  },
  oras: {
    version: 'v1.3.6',
    purpose: 'artifact client of tests',
    binaries: { oras: 'oras.land/oras/cmd/oras' },
    optimised: false,
    onPath: { args: ['version'], fits: '^1.3.6' },
  },
  helm: {
    version: 'v4.3.1',
    purpose: 'chart client of tests',
    binaries: { helm: 'helm.sh/helm/v4/cmd/helm' },
    optimised: false,
    onPath: { args: ['version', '--short'], fits: '^4.3.1' },
  },
  etcd: {
    version: 'v3.6.16',
    purpose: 'storage of the API server of tests',
    binaries: { etcd: 'go.etcd.io/etcd/server/v3' },
    optimised: false,
    onPath: { args: ['--version'], fits: '^3.6.16' },
  },
  versitygw: {
    version: 'v1.8.0',
    purpose: 'S3 with Object Lock for tests',
    binaries: { versitygw: 'github.com/versity/versitygw/cmd/versitygw' },
    optimised: false,
    onPath: { args: ['--version'], fits: '^1.8.0' },
  },
  kubernetes: {
    version: 'v1.34.4',
    purpose: 'API server of tests',
    binaries: { 'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver' },
    staging: { version: 'v0.34.4', modules: KUBERNETES_STAGING },
    optimised: false,
    onPath: { args: ['--version'], fits: '^1.34.4' },
  },
  promtool: {
    version: 'v0.316.0',
    purpose: 'lints our metrics in tests',
    binaries: { promtool: 'github.com/prometheus/prometheus/cmd/promtool' },
    tags: ['remove_all_sd'],
    optimised: false,
    onPath: { args: ['--version'], fits: '^3.16.0' },
  },
} as const satisfies Record<string, Tool>;

/** A tool that Go builds. */
export type GoToolName = keyof typeof CATALOGUE;

/** All tools: `runc` comes from the system when it can, `temporal-test-server` from Maven Central. */
export type ToolName = GoToolName | 'runc' | 'temporal-test-server';

type BinariesOf<T> = T extends { readonly binaries: infer B } ? keyof B & string : never;

export type BinaryName =
  BinariesOf<(typeof CATALOGUE)[GoToolName]> | 'runc' | 'temporal-test-server';

export const GO_TOOLS = Object.keys(CATALOGUE) as readonly GoToolName[];

/** Everything, in build order. */
export const ALL_TOOLS: readonly ToolName[] = [
  ...GO_TOOLS.slice(0, GO_TOOLS.indexOf('buildkit')),
  'runc',
  ...GO_TOOLS.slice(GO_TOOLS.indexOf('buildkit')),
  'temporal-test-server',
];

/** For tests and benchmarks; the demo takes cosign last, while it runs. */
const NOT_FOR_THE_STACK: readonly ToolName[] = [
  'cosign',
  'crane',
  'conformance',
  'oras',
  'helm',
  'etcd',
  'versitygw',
  'kubernetes',
  'promtool',
  'temporal-test-server',
];

/** What the demo and `npm start` need. */
export const STACK_TOOLS = ALL_TOOLS.filter((name) => !NOT_FOR_THE_STACK.includes(name));

export function toolOf(name: GoToolName): Tool {
  return CATALOGUE[name];
}
