import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** What the registry says to a piece of a request; connections are counted from 1. */
export type Script = (socket: Socket, asked: string, connection: number) => void;

export interface ScriptedRegistry {
  readonly origin: string;
  /** All that were ever opened. */
  readonly sockets: ReadonlySet<Socket>;
  stop(): void;
}

/** A registry below HTTP: it says what a test wants said, well-formed or not. */
export async function startScriptedRegistry(scriptNow: () => Script): Promise<ScriptedRegistry> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const connection = sockets.size;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      scriptNow()(socket, bytes.toString('latin1'), connection);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    stop: () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
    },
  };
}
