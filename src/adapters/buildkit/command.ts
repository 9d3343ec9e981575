import type { BuildInput } from '../../ports/builder';
import type { BuildkitOptions } from './options';

/** BuildKit looks contexts up by the familiar name of an image (distribution/reference). */
function familiarName(name: string): string {
  const onHub = /^(?:index\.)?docker\.io\/(.+)$/.exec(name)?.[1];
  return (onHub ?? name).replace(/^library\/([^/]+)$/, '$1');
}

/** Named contexts (buildkit, frontend/dockerfile): what `FROM {name}` resolves to, by digest. */
function baseContexts(input: BuildInput, registryHost: string): readonly string[] {
  return Object.entries(input.bases).flatMap(([name, { repository, digest }]) => [
    '--opt',
    `context:${familiarName(name)}=docker-image://${registryHost}/${repository}@${digest}`,
  ]);
}

/** The layers of the base stay as they are. An attribute of the output, since a build argument would be there for `FROM`, too. */
function sourceDateOf({ sourceDate }: BuildInput): readonly string[] {
  if (sourceDate === undefined) return [];
  const seconds = Math.floor(Date.parse(sourceDate) / 1000);
  return [`source-date-epoch=${seconds}`, 'rewrite-timestamp=true'];
}

function imageOutput(input: BuildInput, options: BuildkitOptions): string {
  return [
    'type=image',
    `name=${options.registryHost}/${input.repository}`,
    'push=true',
    'push-by-digest=true',
    'oci-mediatypes=true',
    ...(options.insecure ? ['registry.insecure=true'] : []),
    ...sourceDateOf(input),
  ].join(',');
}

interface BuildPaths {
  readonly contextPath: string;
  /** Folder of the Dockerfile. */
  readonly dockerfilePath: string;
  readonly metadataFile: string;
}

/** Arguments of buildctl; values stand alone in the array, so none can be read as an option or by a shell. */
export function buildArguments(
  input: BuildInput,
  { contextPath, dockerfilePath, metadataFile }: BuildPaths,
  options: BuildkitOptions,
): readonly string[] {
  const labels = Object.entries(input.labels).flatMap(([name, value]) => [
    '--opt',
    `label:${name}=${value}`,
  ]);
  return [
    '--addr',
    options.address,
    'build',
    '--frontend=dockerfile.v0',
    '--local',
    `context=${contextPath}`,
    '--local',
    `dockerfile=${dockerfilePath}`,
    '--opt',
    `attest:provenance=mode=max,version=v1,builder-id=${options.builderId}`,
    ...labels,
    ...baseContexts(input, options.registryHost),
    '--output',
    imageOutput(input, options),
    '--metadata-file',
    metadataFile,
    '--progress=rawjson',
  ];
}
