import { once } from 'node:events';
import { createServer } from 'node:net';
import { SetupError } from './setup-error';

export interface PortUse {
  readonly part: string;
  readonly port: number;
}

async function listenOnce(port: number): Promise<number | undefined> {
  const server = createServer();
  server.listen({ host: '127.0.0.1', port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return undefined;
  }
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

/** @throws SetupError naming the first port that is taken and the part that needs it. */
export async function assertPortsFree(uses: readonly PortUse[]): Promise<void> {
  for (const { part, port } of uses) {
    if ((await listenOnce(port)) === undefined) {
      throw new SetupError(
        `Port ${port}, needed by ${part}, is in use.`,
        'Stop what uses it, or set PLURA_PORT_OFFSET=100 to move all ports.',
      );
    }
  }
}

/** Different free ports of 127.0.0.1. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  while (found.size < count) {
    const port = await listenOnce(0);
    if (port === undefined) {
      throw new SetupError('No free port was found on 127.0.0.1.', 'Stop some programs.');
    }
    found.add(port);
  }
  return [...found];
}
