import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createBuildkitBuilder } from '../../src/adapters/buildkit/builder';
import { buildkitdConfig } from '../../src/local/buildkitd-config';
import { captureOutput } from './registry-server';
import { toolPath } from './tools';

export interface BuildkitServer {
  readonly address: string;
  stop(): Promise<void>;
}

const GRACE_MS = 10_000;

/** The real buildkitd with a folder of its own, as the local stack starts it: root, runc, overlayfs. */
export async function startBuildkit(registryHost: string): Promise<BuildkitServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-bk-'));
  const socket = join(folder, 's.sock');
  const config = join(folder, 'buildkitd.toml');
  const root = join(folder, 'root');
  const runc = toolPath('runc');
  await writeFile(config, buildkitdConfig({ root, socket, registryHost, runc }));
  const child = spawn(toolPath('buildkitd'), ['--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = captureOutput(child);
  const address = `unix://${socket}`;
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      // SIGTERM: it unmounts what it holds; without that the folder could not be removed.
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await once(child, 'exit');
      clearTimeout(killer);
    }
    await rm(folder, { recursive: true, force: true });
  };
  const builder = createBuildkitBuilder({
    buildctl: toolPath('buildctl'),
    address,
    registryHost,
    insecure: true,
    timeoutMs: 10_000,
    builderId: 'https://builder.test/buildkit',
  });
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) break;
    const up = await builder.ping().then(
      () => true,
      () => false,
    );
    if (up) return { address, stop };
    await sleep(100);
  }
  await stop();
  throw new Error(`buildkitd does not answer: ${log()}`);
}
