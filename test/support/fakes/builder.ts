import type { Labels } from '../../../src/domain/labels';
import type { Json } from '../../../src/domain/verdict';
import type { Builder, BuildInput, BuildOutput } from '../../../src/ports/builder';
import type { FakeRegistry } from './registry';
import { withCallFaults, type CallFaults } from './call-faults';

export interface FakeBuilder extends Builder, CallFaults {}

export interface FakeBuilderOptions {
  /** User of the built image; default `65532:65532`. */
  readonly user?: string;
  /** Replaces the predicate left beside the image. */
  readonly provenance?: Json;
  readonly builderId?: string;
  /** Set by the Dockerfile, beside those of the release. */
  readonly labels?: Labels;
}

export const FAKE_BUILDER_ID = 'https://builder.test/buildkit';

/** What BuildKit says about a build from these bases (buildkit, docs/attestations/slsa-definitions.md). */
export function fakeProvenance(input: BuildInput, builderId = FAKE_BUILDER_ID): Json {
  const contexts = Object.entries(input.bases).map(([name, base]) => [
    `context:${name}`,
    `docker-image://registry.test/${base.repository}@${base.digest}`,
  ]);
  const labels = Object.entries(input.labels).map(([name, value]) => [`label:${name}`, value]);
  const args = Object.fromEntries([...contexts, ...labels]) as Record<string, string>;
  return {
    buildDefinition: {
      buildType:
        'https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md',
      externalParameters: {
        configSource: { path: 'Dockerfile' },
        request: { frontend: 'dockerfile.v0', args, locals: [{ name: 'context' }] },
      },
      internalParameters: { builderPlatform: 'linux/amd64' },
      resolvedDependencies: Object.values(input.bases).map((base) => ({
        uri: `pkg:docker/registry.test/${base.repository}?digest=${base.digest}&platform=linux%2Famd64`,
        digest: { sha256: base.digest.slice('sha256:'.length) },
      })),
    },
    runDetails: {
      builder: { id: builderId },
      metadata: { invocationId: 'fake', startedOn: '2026-01-01T00:00:00Z' },
    },
  };
}

/** Builds at once: pushes an image with the labels asked for and its provenance to the fake registry. */
export function createFakeBuilder(
  registry: Pick<FakeRegistry, 'pushImage'>,
  options: FakeBuilderOptions = {},
): FakeBuilder {
  function build(input: BuildInput): BuildOutput {
    input.signal?.throwIfAborted();
    input.onProgress?.('#1 [build 1/1] fake');
    return {
      digest: registry.pushImage({
        repository: input.repository,
        labels: { ...options.labels, ...input.labels },
        user: options.user ?? '65532:65532',
        provenance: options.provenance ?? fakeProvenance(input, options.builderId),
      }),
    };
  }
  return withCallFaults({
    build: (input: BuildInput) => Promise.resolve(input).then(build),
    ping: () => Promise.resolve(),
  });
}
