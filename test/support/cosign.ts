import { execFile } from 'node:child_process';
import { toolPath } from './tools';

export interface CosignResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Stock cosign, the oracle of what we sign. Never reaches out: every trust root is given by file. */
export function cosign(...args: readonly string[]): Promise<CosignResult> {
  return cosignWith({}, ...args);
}

/** With the registry login in the folder `dockerConfig`. */
export function cosignAs(dockerConfig: string, ...args: readonly string[]): Promise<CosignResult> {
  return cosignWith({ DOCKER_CONFIG: dockerConfig }, ...args);
}

/** With more in its environment, which else holds nothing of ours. */
export function cosignWith(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CosignResult> {
  return new Promise((resolve) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      DOCKER_CONFIG: '/nonexistent',
      COSIGN_PASSWORD: '',
      ...environment,
    };
    const options = { env, timeout: 60_000, maxBuffer: 32 * 1024 * 1024 };
    execFile(toolPath('cosign'), args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, stdout, stderr });
    });
  });
}
