import { OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { NOTIFICATION_TYPE } from '../../../../src/contract/schema/registry-notification';
import { answerOf, type Step } from '../push/memory-backend';
import { APP, artifact, image, putTo, TAG, type Sample } from '../push/pushed';
import {
  NOTIFICATION_SECRET,
  startWritesServer,
  type WriteAnswer,
  type WritesServer,
} from '../push/writes-server';

const OPEN = 'scratch/x';

let server: WritesServer;

beforeEach(async () => {
  server = await startWritesServer();
});
afterEach(() => server.close());

interface Target {
  readonly repository?: string;
  readonly digest?: string;
  readonly tag?: string;
  readonly mediaType?: string;
  readonly size?: number;
}

function eventOf(action: string, target: Target): Record<string, unknown> {
  return {
    id: 'one',
    timestamp: '2026-11-24T12:00:00Z',
    action,
    target: { repository: APP, ...target },
    request: { addr: '10.0.0.9:1', useragent: 'crane/1.0', method: 'PUT' },
    actor: {},
  };
}

function pushed({ digest, mediaType, bytes }: Sample, over: Target = {}): Record<string, unknown> {
  return eventOf('push', { digest, mediaType, size: bytes.length, ...over });
}

function notify(body: unknown, headers: Record<string, string> = {}): Promise<WriteAnswer> {
  return server.call('/notifications', {
    method: 'POST',
    headers: {
      'content-type': NOTIFICATION_TYPE,
      authorization: `Bearer ${NOTIFICATION_SECRET}`,
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

async function tell(...events: readonly Record<string, unknown>[]): Promise<void> {
  expect(await notify({ events })).toMatchObject({ status: 200 });
}

/** Into the registry, not through the gateway. */
function around(one: Sample, tag?: string, repository = APP): Sample {
  server.backend.addManifest(repository, one.bytes, OCI_MANIFEST, tag);
  return one;
}

describe('who may notify', () => {
  it.each([
    '',
    'Bearer',
    'Bearer wrong',
    `Basic ${NOTIFICATION_SECRET}`,
    'Bearer the secret of the registry',
  ])('not who says %j', async (authorization) => {
    const answer = await notify({ events: [] }, { authorization });

    expect(answer).toMatchObject({ status: 401, error: { code: 'UNAUTHORIZED' } });
  });

  it.each([
    ['no JSON', '{'],
    ['no envelope', '[]'],
    ['events that are none', { events: [{ action: 7 }] }],
    ['too many events', { events: Array.from({ length: 1001 }, () => eventOf('pull', {})) }],
  ])('not with %s', async (_name, body) => {
    expect((await notify(body)).status).toBe(400);
  });

  it('not in another type, and not without end', async () => {
    expect((await notify({ events: [] }, { 'content-type': 'application/json' })).status).toBe(400);
    expect((await notify(' '.repeat(1_000_001))).status).toBe(413);
  });
});

describe('what came through the gateway', () => {
  it('is known and changes nothing', async () => {
    const one = image(server);
    await putTo(server, APP, TAG, one);
    const before = await server.inventory.getTag(APP, TAG);

    await tell(pushed(one, { tag: TAG }), pushed(one), eventOf('pull', { digest: one.digest }));

    expect(await server.inventory.getTag(APP, TAG)).toEqual(before);
    expect(await server.events('around-gateway')).toEqual([]);
  });

  it('is known a moment later: the registry is faster than we write', async () => {
    const one = image(server);
    server.backend.after = async (method, path): Promise<Step> => {
      if (method !== 'PUT' || !path.endsWith(TAG)) return 'as usual';
      // Sent while the registry's answer to us is still on its way.
      notified = tell(pushed(one, { tag: TAG }));
      await new Promise((resolve) => setTimeout(resolve, 50));
      return 'as usual';
    };
    let notified: Promise<void> | undefined;

    await putTo(server, APP, TAG, one);
    await notified;

    expect(await server.inventory.getTag(APP, TAG)).toMatchObject({ pushedBy: 'builder' });
    expect(await server.events('around-gateway')).toEqual([]);
  });

  it('and was moved on since is old news', async () => {
    const [first, second] = [image(server, '1'), image(server, '2')];
    await putTo(server, OPEN, 'v1', first);
    await putTo(server, OPEN, 'v1', second);

    await tell(pushed(first, { repository: OPEN, tag: 'v1' }));

    expect((await server.inventory.getTag(OPEN, 'v1'))?.digest).toBe(second.digest);
    expect(await server.events('around-gateway')).toEqual([]);
  });

  it('and was deleted by us is known to be gone', async () => {
    const one = around(image(server));

    await tell(eventOf('delete', { digest: one.digest }), eventOf('delete', { tag: 'gone' }));

    expect(await server.events('around-gateway')).toEqual([]);
  });
});

describe('what went around the gateway', () => {
  it('is recorded with its edges and told as an event', async () => {
    const one = around(image(server), TAG);

    await tell(pushed(one, { tag: TAG }));

    expect(await server.inventory.getTag(APP, TAG)).toMatchObject({
      digest: one.digest,
      pushedBy: 'unknown',
      writeOnce: true,
    });
    expect((await server.inventory.getManifest(APP, one.digest))?.edges).toHaveLength(2);
    expect(await server.events('around-gateway')).toMatchObject([
      {
        repository: APP,
        reference: TAG,
        actor: 'unknown',
        detail: {
          digest: one.digest,
          address: '10.0.0.9:1',
          userAgent: 'crane/1.0',
          action: 'push',
        },
      },
    ]);
    expect((await putTo(server, APP, TAG, image(server, 'late'))).status).toBe(409);
  });

  it('is recorded without a tag too, with its subject', async () => {
    const subject = image(server);
    const one = around(artifact(subject));

    await tell(pushed(one));

    expect(await server.inventory.listReferrers(APP, subject.digest)).toHaveLength(1);
    expect(await server.events('around-gateway')).toHaveLength(1);
  });

  it('and took a write-once tag is an alarm: the claim stays', async () => {
    const ours = image(server);
    await putTo(server, APP, TAG, ours);
    const theirs = around(image(server, 'theirs'), TAG);

    await tell(pushed(theirs, { tag: TAG }));

    expect((await server.inventory.getTag(APP, TAG))?.digest).toBe(ours.digest);
    expect(await server.inventory.getManifest(APP, theirs.digest)).not.toBeNull();
    expect(await server.events('drift')).toMatchObject([
      { reference: TAG, detail: { claimed: ours.digest, by: 'builder', found: theirs.digest } },
    ]);
    expect(await server.events('around-gateway')).toHaveLength(1);
  });

  it('and moved a tag that may move is followed', async () => {
    await putTo(server, OPEN, 'v1', image(server, '1'));
    const moved = around(image(server, '2'), 'v1', OPEN);

    await tell(pushed(moved, { repository: OPEN, tag: 'v1' }));

    expect((await server.inventory.getTag(OPEN, 'v1'))?.digest).toBe(moved.digest);
    expect(await server.events('around-gateway')).toHaveLength(1);
    expect(await server.events('drift')).toEqual([]);
  });

  it('and is gone again is not worth a word', async () => {
    await tell(pushed(image(server)), pushed(image(server, '2'), { tag: TAG }));

    expect(await server.events('around-gateway')).toEqual([]);
  });

  it('and deleted a manifest or a tag is forgotten with it', async () => {
    const [one, two] = [image(server, '1'), image(server, '2')];
    await putTo(server, APP, TAG, one);
    await putTo(server, OPEN, 'v1', two);
    server.backend.manifests.delete(`${APP}@${one.digest}`);
    server.backend.tags.delete(`${OPEN}:v1`);

    await tell(
      eventOf('delete', { digest: one.digest }),
      eventOf('delete', { repository: OPEN, tag: 'v1' }),
    );

    expect(await server.inventory.getManifest(APP, one.digest)).toBeNull();
    expect(await server.inventory.getTag(OPEN, 'v1')).toBeNull();
    expect(await server.events('around-gateway')).toHaveLength(2);
  });

  it('says deleted what is there: nothing happens', async () => {
    const one = image(server);
    await putTo(server, APP, TAG, one);

    await tell(eventOf('delete', { digest: one.digest }), eventOf('delete', { tag: TAG }));

    expect(await server.inventory.getTag(APP, TAG)).not.toBeNull();
  });

  it('is a blob: recorded, pushed or mounted', async () => {
    const digests = ['1', '2'].map((seed) => `sha256:${seed.repeat(64)}`);
    const mediaType = 'application/octet-stream';

    await tell(
      eventOf('push', { digest: digests[0]!, mediaType, size: 7 }),
      eventOf('mount', { digest: digests[1]!, mediaType, size: 8 }),
    );

    expect([...server.inventory.contents.blobsOf(APP)]).toEqual([
      [digests[0], 7],
      [digests[1], 8],
    ]);
  });
});

describe('what makes no sense', () => {
  it.each([
    { repository: '../x', digest: `sha256:${'1'.repeat(64)}` },
    { digest: 'md5:1' },
    { repository: '' },
    {},
  ])('is passed over: %j', async (target) => {
    server.inventory.calls.length = 0;

    await tell(eventOf('push', target), eventOf('delete', target), eventOf('dance', target));

    expect(server.inventory.calls).toEqual([]);
    expect(server.backend.asked).toEqual([]);
  });

  it('brings no control characters into events', async () => {
    const one = around(image(server));
    const event = { ...pushed(one), request: { useragent: `\u001b[31m${'x'.repeat(300)}` } };

    await tell(event);

    const [told] = await server.events('around-gateway');
    expect(told?.detail['userAgent']).toMatch(/^\?\[31mx+$/);
    expect(String(told?.detail['userAgent'])).toHaveLength(200);
  });
});

describe('what can’t be recorded', () => {
  it('is told to the registry, which then says it again', async () => {
    const one = around(image(server), TAG);
    server.inventory.fail('LEDGER_UNAVAILABLE', 1, 'completePush');

    expect((await notify({ events: [pushed(one, { tag: TAG })] })).status).toBe(503);
    await tell(pushed(one, { tag: TAG }));

    expect((await server.inventory.getTag(APP, TAG))?.digest).toBe(one.digest);
  });

  it('as the registry does not answer us is said again too', async () => {
    const one = around(image(server), TAG);
    server.backend.before = () => answerOf(503);

    expect((await notify({ events: [pushed(one, { tag: TAG })] })).status).toBe(503);
  });
});
