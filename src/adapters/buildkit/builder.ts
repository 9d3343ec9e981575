import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerConfig } from '../../contract/docker-config';
import type { Builder, BuildInput, BuildOutput } from '../../ports/builder';
import { runBuildctl } from './buildctl';
import { buildArguments } from './command';
import { readDockerignore, resolveContext } from './context';
import { buildFailed, builderUnavailable, failureOf } from './failures';
import type { BuildkitOptions } from './options';
import { createProgressReader } from './progress';
import { buildMetadata } from './schema';

const PING_TIMEOUT_MS = 8_000;

async function readDigest(metadataFile: string): Promise<BuildOutput> {
  try {
    const metadata = buildMetadata.parse(JSON.parse(await readFile(metadataFile, 'utf8')));
    return { digest: metadata['containerimage.digest'] };
  } catch (cause) {
    throw builderUnavailable('it did not say what digest it pushed', cause);
  }
}

/** The environment of one build; its credentials stand in a file of the build's own folder, which is private to us. */
async function prepareEnvironment(
  folder: string,
  { registryHost, credentials, env }: BuildkitOptions,
): Promise<Readonly<Record<string, string>>> {
  if (credentials) {
    const text = dockerConfig(registryHost, credentials);
    await writeFile(join(folder, 'config.json'), text, { flag: 'wx', mode: 0o600 });
  }
  return { HOME: folder, DOCKER_CONFIG: folder, ...env };
}

/** The folder whose Dockerfile is built: one of ours with the text that was judged, since a source folder may change meanwhile. */
async function keepDockerfile(
  text: string | undefined,
  contextPath: string,
  folder: string,
): Promise<string> {
  if (text === undefined) return contextPath;
  const kept = join(folder, 'dockerfile');
  await mkdir(kept);
  await writeFile(join(kept, 'Dockerfile'), text, { flag: 'wx' });
  const ignored = await readDockerignore(contextPath);
  if (ignored) await writeFile(join(kept, 'Dockerfile.dockerignore'), ignored, { flag: 'wx' });
  return kept;
}

async function build(
  input: BuildInput,
  folder: string,
  options: BuildkitOptions,
): Promise<BuildOutput> {
  const contextPath = await resolveContext(input.contextPath);
  const metadataFile = join(folder, 'metadata.json');
  const dockerfilePath = await keepDockerfile(input.dockerfile, contextPath, folder);
  const progress = createProgressReader(input.onProgress);
  const { code, timedOut } = await runBuildctl({
    buildctl: options.buildctl,
    args: buildArguments(input, { contextPath, dockerfilePath, metadataFile }, options),
    env: await prepareEnvironment(folder, options),
    timeoutMs: options.timeoutMs,
    signal: input.signal,
    onLine: (line) => {
      progress.read(line);
    },
  });
  if (timedOut) {
    const seconds = Math.round(options.timeoutMs / 1000);
    throw buildFailed(`it did not end within ${seconds} s`, progress.lastLines());
  }
  if (code === null) {
    throw builderUnavailable('buildctl was killed');
  }
  if (code !== 0) {
    throw failureOf(progress.error(), progress.lastLines());
  }
  return readDigest(metadataFile);
}

/** A Builder on BuildKit by its buildctl. The image is pushed by digest, no tag is written. */
export function createBuildkitBuilder(options: BuildkitOptions): Builder {
  return {
    build: async (input) => {
      const folder = await mkdtemp(join(tmpdir(), 'plura-build-'));
      try {
        return await build(input, folder, options);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    ping: async () => {
      const progress = createProgressReader();
      const { code } = await runBuildctl({
        buildctl: options.buildctl,
        args: ['--addr', options.address, '--timeout', '3', 'debug', 'workers'],
        env: { HOME: tmpdir(), ...options.env },
        timeoutMs: PING_TIMEOUT_MS,
        onLine: (line) => {
          progress.read(line);
        },
      });
      if (code !== 0) {
        throw builderUnavailable(progress.error() || `no answer at ${options.address}`);
      }
    },
  };
}
