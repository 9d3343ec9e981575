import { createHash } from 'node:crypto';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MAX_SOCKET_PATH = 100;

/** In the state folder unless that makes the path too long for a Unix socket (108 bytes, unix(7)). */
function socketIn(stateDir: string, part: string, name: string): string {
  const here = join(stateDir, part, name);
  if (Buffer.byteLength(here) <= MAX_SOCKET_PATH) {
    return here;
  }
  const short = createHash('sha256').update(stateDir).digest('hex').slice(0, 12);
  return join(tmpdir(), `plura-${part}-${short}`, name);
}

export function buildkitSocket(stateDir: string): string {
  return socketIn(stateDir, 'buildkit', 'buildkitd.sock');
}

/** Of the registry behind the gateway. */
export function registrySocket(stateDir: string): string {
  return socketIn(stateDir, 'registry', 'registry.sock');
}

/** Makes way for a new socket, in a folder that its owner alone can enter. @returns the path */
export async function freshSocket(socket: string): Promise<string> {
  await mkdir(dirname(socket), { recursive: true });
  await chmod(dirname(socket), 0o700);
  await rm(socket, { force: true });
  return socket;
}
