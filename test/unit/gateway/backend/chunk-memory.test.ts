import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { disposeAfterWrite, makeDisposable } from '../../../../src/gateway/backend/chunk-memory';

let server: Server;
let received: string;
let ended: Promise<void>;

async function openSocket(): Promise<Socket> {
  received = '';
  server = createServer().listen(0, '127.0.0.1');
  ended = new Promise((resolve) => {
    server.on('connection', (peer) => {
      peer.on('data', (chunk) => (received += chunk.toString()));
      peer.on('end', resolve);
    });
  });
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(socket, 'connect');
  disposeAfterWrite(socket);
  return socket;
}

function bytes(text: string): Buffer {
  const own = Buffer.allocUnsafeSlow(text.length);
  own.write(text);
  return own;
}

describe('memory of chunks', () => {
  it('is given back once the bytes were written, all of them', async () => {
    const socket = await openSocket();
    const chunk = bytes('disposable');
    makeDisposable(chunk);

    socket.write(chunk);
    socket.end();
    await ended;
    server.close();

    expect(received).toBe('disposable');
    expect(chunk.buffer.byteLength).toBe(0);
  });

  it('stays where others may hold it', async () => {
    const socket = await openSocket();
    const kept = bytes('kept');
    const part = bytes('shared-part').subarray(0, 6);
    makeDisposable(part);

    socket.write(kept);
    socket.write(part);
    socket.end();
    await ended;
    server.close();

    expect(received).toBe('keptshared');
    expect([kept.toString(), part.toString()]).toEqual(['kept', 'shared']);
  });
});
