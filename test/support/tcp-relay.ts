import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * pass: bytes go through. refuse: nobody listens, as when a process is gone. silent: connections are taken and never answered, as
 * when a host hangs.
 */
export type RelayMode = 'pass' | 'refuse' | 'silent';

export interface TcpRelay {
  readonly url: string;
  /** Connections that stand are cut. */
  set(mode: RelayMode): Promise<void>;
  stop(): Promise<void>;
}

/** A port that leads to another one, until it is told otherwise: an outage without losing what is behind it. */
export async function startTcpRelay(targetPort: number): Promise<TcpRelay> {
  const sockets = new Set<Socket>();
  let mode: RelayMode = 'pass';
  let server: Server;
  let port = 0;

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  }

  function accept(client: Socket): void {
    keep(client);
    if (mode !== 'pass') return;
    const target = connect(targetPort, '127.0.0.1');
    keep(target);
    client.pipe(target).pipe(client);
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  }

  async function listen(): Promise<void> {
    server = createServer(accept).listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    port = address.port;
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    server.close();
    sockets.forEach((socket) => socket.destroy());
    await once(server, 'close');
  }

  await listen();
  return {
    url: `http://127.0.0.1:${port}`,
    set: async (next) => {
      await close();
      mode = next;
      if (next !== 'refuse') await listen();
    },
    stop: close,
  };
}
