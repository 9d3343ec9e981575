import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { readTokenForm } from '../../../../src/gateway/auth/token-request';

describe('a token request by POST', () => {
  beforeEach(() => jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] }));
  afterEach(() => jest.useRealTimers());

  it('that comes byte by byte is cut off', async () => {
    const request = new IncomingMessage(new Socket());
    request.headers['content-type'] = 'application/x-www-form-urlencoded';

    const read = expect(readTokenForm(request)).rejects.toThrow();
    for (let second = 0; second < 30 && !request.destroyed; second += 1) {
      request.push('a');
      await jest.advanceTimersByTimeAsync(1000);
    }

    await read;
    expect(request.destroyed).toBe(true);
  });
});
