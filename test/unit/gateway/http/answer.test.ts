import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { discardRest } from '../../../../src/gateway/http/answer';

/** A body that goes on until the test ends it. */
function openBody(): IncomingMessage {
  return new IncomingMessage(new Socket());
}

beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }));
afterEach(() => jest.useRealTimers());

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what is left of a body that nobody wants', () => {
  it('holds no connection when it comes byte by byte', async () => {
    const request = openBody();

    discardRest(request);
    for (let second = 0; second < 30; second += 1) {
      request.push('x');
      await jest.advanceTimersByTimeAsync(1000);
    }

    expect(request.destroyed).toBe(true);
  });

  it('ends the connection when it is over 1 MiB', async () => {
    const request = openBody();

    discardRest(request);
    request.push(Buffer.alloc(1024 * 1024 + 1));
    await settled();

    expect(request.destroyed).toBe(true);
  });

  it('is read to its end when it is small', async () => {
    const request = openBody();

    discardRest(request);
    request.push('rest');
    request.push(null);
    await settled();
    await jest.advanceTimersByTimeAsync(60_000);

    expect(request.readableEnded).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});
