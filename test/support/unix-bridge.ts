import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { backendAddress } from '../../src/contract/backend-address';

export interface Bridge {
  readonly url: string;
  close(): Promise<void>;
}

/** A port that leads to a Unix socket, for clients that know addresses of the network only. */
export async function bridgeTo(unixUrl: string): Promise<Bridge> {
  const { socketPath } = backendAddress(unixUrl);
  if (socketPath === null) throw new Error(`${unixUrl} is no Unix socket`);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const registry = connect(socketPath);
    const ends = [client, registry] as const;
    for (const end of ends) {
      sockets.add(end);
      end
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(end);
          ends.forEach((other) => other.destroy());
        });
    }
    client.pipe(registry).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await once(server, 'close');
    },
  };
}
