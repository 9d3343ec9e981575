import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileKeyManagement } from '../../src/adapters/kms/file-key-management';
import { seedKeys } from '../../src/local/seed/keys';
import { writePublicKeys, writeTrustedRoot } from '../../src/local/seed/trusted-root';
import type { KeyManagement } from '../../src/ports/signer';
import { captureOutput, freePort, stopProcess, waitForHttp } from './registry-server';
import { toolPath } from './tools';

export interface RekorServer {
  readonly url: string;
  readonly kms: KeyManagement;
  /** The file keys behind it. */
  readonly keysDir: string;
  readonly trustedRootFile: string;
  /** PEM file of each signing key, by key id. */
  readonly publicKeyFiles: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** A real Rekor v2 on free ports, with keys and a trusted root of its own, seeded as the local stack does. */
export async function startRekor(): Promise<RekorServer> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-rekor-server-'));
  const { keysDir, signingKeyIds, rekorSignerFile, rekorPublicKey } = await seedKeys(folder);
  const ports = [await freePort(), await freePort(), await freePort()].map(String);
  const [http = '', grpc = '', metrics = ''] = ports;
  const hostname = '127.0.0.1';
  const url = `http://${hostname}:${http}`;
  const args = ['serve', '--storage-dir', join(folder, 'log'), '--hostname', hostname];
  args.push('--signer-filepath', rekorSignerFile, '--log-level', 'error');
  args.push('--http-port', http, '--grpc-port', grpc, '--http-metrics-port', metrics);
  args.push('--batch-max-age', '10ms', '--checkpoint-interval', '100ms');
  const child = spawn(toolPath('rekor-server'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = captureOutput(child);
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await waitForHttp(`${url}/healthz`, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  const trustedRootFile = join(folder, 'trust', 'trusted_root.json');
  const start = '2026-01-01T00:00:00Z';
  await writeTrustedRoot({ file: trustedRootFile, rekorUrl: url, rekorPublicKey, hostname, start });
  const kms = createFileKeyManagement({ dir: keysDir });
  const publicKeyFiles = await writePublicKeys(join(folder, 'trust'), kms, signingKeyIds);
  return { url, kms, keysDir, trustedRootFile, publicKeyFiles, stop };
}
