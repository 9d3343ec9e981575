import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sha256 } from '../../src/adapters/oci/schema';
import type { Digest } from '../../src/domain/digest';
import { buildTestImage, type TestImageInput } from './fakes/registry-image';
import { toolPath } from './tools';

export interface RegistryServer {
  readonly url: string;
  /** `host:port`, as references on a command line start. */
  readonly host: string;
  /** Where it keeps its blobs. */
  readonly storageDir: string;
  readonly configFile: string;
  /** As a crash ends it. */
  kill(): Promise<void>;
  /** On the same port and storage, after `kill`. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') {
    throw new Error('no port');
  }
  return address.port;
}

/** Waits until `url` answers 2xx or 401; gives up when the process ends or after 20 s. */
export async function waitForHttp(
  url: string,
  child: ChildProcess,
  log: () => string,
): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (child.exitCode !== null) {
      throw new Error(`${child.spawnfile} ended with ${child.exitCode}: ${log()}`);
    }
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if ((status >= 200 && status < 300) || status === 401) {
      return;
    }
    await sleep(50);
  }
  throw new Error(`${url} does not answer: ${log()}`);
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Collects what a process says, for the message of a failed start. */
export function captureOutput(child: ChildProcess): () => string {
  let text = '';
  const add = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-4000);
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return () => text;
}

/** The real distribution registry on a free port, with a folder of its own. */
export async function startRegistry(
  extraConfig = '',
  env: Readonly<Record<string, string>> = {},
): Promise<RegistryServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-registry-server-'));
  const port = await freePort();
  const host = `127.0.0.1:${port}`;
  const config = join(folder, 'config.yml');
  const storageDir = join(folder, 'data');
  await mkdir(storageDir);
  await writeFile(
    config,
    `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: ${storageDir} }, delete: { enabled: true } }
http: { addr: ${host} }
${extraConfig}`,
  );
  const url = `http://${host}`;
  let child = serve(config, env);
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  const ready = (): Promise<void> => waitForHttp(`${url}/v2/`, child, captureOutput(child));
  try {
    await ready();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ...{ url, host, storageDir, stop, configFile: config },
    kill: () => stopProcess(child),
    restart: () => {
      child = serve(config, env);
      return ready();
    },
  };
}

function serve(config: string, env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(toolPath('registry'), ['serve', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], OTEL_TRACES_EXPORTER: 'none', ...env },
  });
}

async function expectOk(response: Response, what: string): Promise<Response> {
  if (!response.ok) {
    throw new Error(`${what}: ${response.status} ${await response.text()}`);
  }
  return response;
}

/**
 * Pushes without the adapter, so that the adapter's tests do not rest on itself.
 *
 * @param login headers for a registry that asks for them
 */
export async function pushTestImage(
  url: string,
  input: TestImageInput,
  login: Readonly<Record<string, string>> = {},
): Promise<Digest> {
  const image = buildTestImage(input);
  const base = `${url}/v2/${input.repository}`;
  for (const blob of image.blobs) {
    const opened = await expectOk(
      await fetch(`${base}/blobs/uploads/`, { method: 'POST', headers: login }),
      'upload',
    );
    const location = new URL(opened.headers.get('location') ?? '', url);
    location.searchParams.set('digest', sha256(blob));
    const body = new Uint8Array(blob);
    const headers = { ...login, 'content-type': 'application/octet-stream' };
    await expectOk(await fetch(location, { method: 'PUT', headers, body }), 'blob');
  }
  for (const { bytes, mediaType } of image.manifests) {
    await expectOk(
      await fetch(`${base}/manifests/${sha256(bytes)}`, {
        method: 'PUT',
        headers: { ...login, 'content-type': mediaType },
        body: new Uint8Array(bytes),
      }),
      'manifest',
    );
  }
  return image.digest;
}
