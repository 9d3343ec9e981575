import { spawn } from 'node:child_process';
import path from 'node:path';

interface CosignCheck {
  readonly cosign: string;
  readonly stateDir: string;
  /** Folder with the registry login, for `DOCKER_CONFIG`. */
  readonly dockerConfig: string;
  /** `{host}/{repository}@{digest}`. */
  readonly image: string;
  readonly keyFile: string;
  /** The caller's environment. */
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly out: NodeJS.WritableStream;
}

/** Stock cosign, which knows nothing of us, must accept the image with the transparency log required. */
export async function verifyWithCosign(check: CosignCheck): Promise<boolean> {
  const trust = path.join(check.stateDir, 'trust');
  const common = [
    '--key',
    path.join(trust, check.keyFile),
    '--trusted-root',
    path.join(trust, 'trusted_root.json'),
    '--allow-http-registry',
  ];
  const runs = [
    ['verify', ...common, check.image],
    ['verify-attestation', ...common, '--type', 'https://slsa.dev/provenance/v1', check.image],
    ['verify-attestation', ...common, '--type', 'cyclonedx', check.image],
  ];
  const results: boolean[] = [];
  for (const args of runs) {
    check.out.write(`\n$ cosign ${args.join(' ')}\n`);
    results.push(await runCosign(check, args));
  }
  return results.every(Boolean);
}

async function runCosign(check: CosignCheck, args: readonly string[]): Promise<boolean> {
  const child = spawn(check.cosign, args, {
    env: { ...check.environment, DOCKER_CONFIG: check.dockerConfig },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (chunk: Buffer) => check.out.write(chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      check.out.write(code === 0 ? 'ok\n' : `failed with exit code ${String(code)}\n`);
      resolve(code === 0);
    });
  });
}
