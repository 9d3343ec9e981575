import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src/adapters/oci/schema';
import { dockerConfig, type RegistryCredentials } from '../../src/contract/docker-config';
import type { BinaryName } from '../../src/local/toolchain/catalogue';
import { buildTestImage, type TestImageInput } from './fakes/registry-image';
import { toolPath } from './tools';

export interface ClientRun {
  readonly code: number;
  readonly stdout: string;
  /** All that it said, for the message of a failed test and for what a person would read. */
  readonly said: string;
}

const TIMEOUT_MS = 120_000;

/** Somebody at a terminal, logged in at the registry with a robot's name and secret, as `docker login` leaves it. */
export interface LoggedIn {
  readonly folder: string;
  run(tool: BinaryName, ...args: readonly string[]): Promise<ClientRun>;
  /** Runs it and returns stdout. @throws Error with what it said, when it fails. */
  must(tool: BinaryName, ...args: readonly string[]): Promise<string>;
  logOut(): Promise<void>;
}

export async function logIn(host: string, credentials: RegistryCredentials): Promise<LoggedIn> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-client-'));
  const config = join(folder, '.docker');
  await mkdir(config, { mode: 0o700 });
  const file = join(config, 'config.json');
  await writeFile(file, dockerConfig(host, credentials), { mode: 0o600 });
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    DOCKER_CONFIG: config,
    HELM_REGISTRY_CONFIG: file,
    COSIGN_PASSWORD: 'a password',
  };

  function run(tool: BinaryName, ...args: readonly string[]): Promise<ClientRun> {
    return new Promise((resolve) => {
      const options = { env, cwd: folder, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
      execFile(toolPath(tool), args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        const why = code === 0 ? '' : `${tool} ${args.join(' ')}: ${error?.message ?? ''}`;
        resolve({ code, stdout, said: `${why}${stdout}${stderr}` });
      });
    });
  }

  return {
    folder,
    run,
    must: async (tool, ...args) => {
      const { code, stdout, said } = await run(tool, ...args);
      if (code !== 0) throw new Error(said);
      return stdout;
    },
    logOut: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The image as an OCI layout, which `crane push` takes. Returns its digest. */
export async function writeLayout(folder: string, input: TestImageInput): Promise<string> {
  const image = buildTestImage(input);
  const blobs = join(folder, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  const manifests = image.manifests.map(({ bytes }) => bytes);
  for (const bytes of [...image.blobs, ...manifests]) {
    await writeFile(join(blobs, sha256(bytes).slice('sha256:'.length)), bytes);
  }
  const top = image.manifests.find(({ bytes }) => sha256(bytes) === image.digest);
  const index = {
    schemaVersion: 2,
    manifests: [{ mediaType: top?.mediaType, digest: image.digest, size: top?.bytes.length }],
  };
  await writeFile(join(folder, 'index.json'), JSON.stringify(index));
  await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  return image.digest;
}
