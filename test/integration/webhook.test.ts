import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createWebhookNotifier } from '../../src/adapters/webhook/webhook';
import type { Notification } from '../../src/ports/notifier';
import { describeNotifier, NOTIFICATION } from '../support/contracts/notifier';

const KEY = Buffer.from('0123456789abcdef0123456789abcdef');
const SECRET = `whsec_${KEY.toString('base64')}`;

interface Receiver {
  readonly url: string;
  readonly requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  answer: (response: ServerResponse) => void;
  close(): Promise<void>;
}

const accept = (response: ServerResponse): void => {
  response.writeHead(204).end();
};

async function startReceiver(): Promise<Receiver> {
  const requests: Receiver['requests'] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      receiver.answer(response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}/hook?token=t0psecret`,
    requests,
    answer: accept,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

describeNotifier('webhook', async () => {
  const receiver = await startReceiver();
  let failed = 0;
  return {
    notifier: createWebhookNotifier({ url: receiver.url, secret: SECRET, timeoutMs: 2000 }),
    arrived: () =>
      receiver.requests
        .slice(failed)
        .map((request) => (JSON.parse(request.body) as { data: Notification }).data),
    break: () => {
      receiver.answer = (response) => {
        response.writeHead(503).end('down');
      };
    },
    repair: () => {
      failed = receiver.requests.length;
      receiver.answer = accept;
    },
    close: async () => receiver.close(),
  };
});

describe('webhook notifier', () => {
  let receiver: Receiver;

  beforeEach(async () => {
    receiver = await startReceiver();
  });

  afterEach(async () => {
    await receiver.close();
  });

  const sendTo = async (url: string, secret = SECRET, timeoutMs = 2000): Promise<void> => {
    const now = (): Date => new Date('2026-01-02T03:04:05.678Z');
    return createWebhookNotifier({ url, secret, timeoutMs, now }).send(NOTIFICATION);
  };

  it.each([
    ['a Standard Webhooks secret', SECRET, KEY],
    ['plain text', 'plain text', Buffer.from('plain text')],
  ])('signs id, timestamp and body with %s', async (_name, secret, key) => {
    await sendTo(receiver.url, secret);

    const { headers, body } = receiver.requests[0]!;
    const signed = `${NOTIFICATION.id}.1767323045.${body}`;
    const expected = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-id']).toBe(NOTIFICATION.id);
    expect(headers['webhook-timestamp']).toBe('1767323045');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(JSON.parse(body)).toMatchObject({
      type: 'plura.critical',
      timestamp: '2026-01-02T03:04:05.678Z',
    });
  });

  it('gives up on a receiver that does not answer in time', async () => {
    receiver.answer = () => undefined;

    await expect(sendTo(receiver.url, SECRET, 100)).rejects.toMatchObject({
      code: 'NOTIFIER_UNAVAILABLE',
      message: expect.stringContaining('no answer in 100 ms') as string,
    });
  });

  it('follows no redirect: the signed body is for this receiver', async () => {
    const other = await startReceiver();
    receiver.answer = (response) => {
      response.writeHead(307, { location: other.url }).end();
    };

    await expect(sendTo(receiver.url)).rejects.toMatchObject({ code: 'NOTIFIER_UNAVAILABLE' });

    expect(other.requests).toEqual([]);
    await other.close();
  });

  it('keeps the address out of its errors', async () => {
    await receiver.close();

    const error = await sendTo(receiver.url).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'NOTIFIER_UNAVAILABLE' });
    expect((error as Error).message).not.toContain('t0psecret');
    receiver = await startReceiver();
  });
});
