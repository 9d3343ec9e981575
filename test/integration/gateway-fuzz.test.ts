import fc from 'fast-check';
import { OCI_MANIFEST } from '../../src/adapters/oci/media-types';
import { bytesOf, manifestJson } from '../support/fuzz/artifact';
import { framingCases } from '../support/fuzz/framing';
import { MANIFEST_CASES } from '../support/fuzz/manifests';
import { BROKEN_TARGETS, CHANNEL_TARGETS } from '../support/fuzz/targets';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process';
import { startOpenBackend, type BackendWrite, type OpenBackend } from '../support/open-backend';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { rawRequest, sendRaw, type RawAnswer, type RawRequest } from '../support/raw-http';

jest.setTimeout(120_000);

const MANIFEST = bytesOf(manifestJson());
const TYPE = `Content-Type: ${OCI_MANIFEST}`;

let postgres: PostgresServer;
let backend: OpenBackend;
let gateway: GatewayProcess;
/** May do everything everywhere by scope, so that only the rules hold it back. */
let pusher: string;
/** May read, nothing else. */
let reader: string;
/** May read and write below scratch. */
let scratch: string;

beforeAll(async () => {
  postgres = await startPostgres();
  backend = await startOpenBackend();
  gateway = await startGatewayProcess({
    backendUrl: backend.url,
    database: await postgres.freshDatabase(),
    open: ['scratch'],
  });
  const all = { repositories: '**', actions: ['pull', 'push', 'delete'] } as const;
  const open = { repositories: 'scratch/**', actions: ['pull', 'push', 'delete'] } as const;
  const read = { repositories: '**', actions: ['pull'] } as const;
  pusher = (await gateway.createRobot({ scopes: [all] })).basic;
  scratch = (await gateway.createRobot({ scopes: [open] })).basic;
  reader = (await gateway.createRobot({ scopes: [read] })).basic;
});
afterAll(async () => {
  await gateway.stop();
  await backend.stop();
  await postgres.stop();
});
beforeEach(() => {
  backend.forget();
});
afterEach(async () => {
  const alive = await sendRaw(gateway.port, rawRequest({ target: '/v2/' }));
  expect({ ended: gateway.hasEnded(), statuses: alive.statuses }).toEqual({
    ended: false,
    statuses: [401],
  });
});

function send(authorization: string, request: RawRequest): Promise<RawAnswer> {
  const headers = [`Authorization: ${authorization}`, ...(request.headers ?? [])];
  return sendRaw(gateway.port, rawRequest({ ...request, headers }));
}

/** Refused by the gateway, or by its parser, which may also just hang up. */
function expectRefused({ statuses, closed, text }: RawAnswer): void {
  const accepted = statuses.filter((status) => status < 400 || status > 499);
  expect({
    accepted,
    answered: statuses.length > 0 || closed,
    text: accepted.length ? text : '',
  }).toEqual({
    accepted: [],
    answered: true,
    text: '',
  });
}

function expectUntouched(): void {
  expect(backend.writes).toEqual([]);
}

test('the push that the others hide is itself let through, once', async () => {
  const answer = await send(pusher, {
    method: 'PUT',
    target: '/v2/scratch/fuzz/manifests/t',
    headers: [TYPE],
    body: MANIFEST,
  });

  expect(answer.statuses).toEqual([201]);
  expect(backend.writes).toEqual([{ method: 'PUT', path: '/v2/scratch/fuzz/manifests/t' }]);
});

describe('a channel by another spelling', () => {
  test.each(CHANNEL_TARGETS)('PUT and DELETE %j', async (target) => {
    const put = await send(pusher, { method: 'PUT', target, headers: [TYPE], body: MANIFEST });
    const removed = await send(pusher, { method: 'DELETE', target });

    expectRefused(put);
    expectRefused(removed);
    expectUntouched();
  });

  test.each([
    '/v2/channels/prod/checkout/blobs/uploads/',
    '/v2/channels/prod/checkout/blobs/uploads',
    '/v2/channels/prod/checkout/blobs/uploads/?mount=sha256:' + 'a'.repeat(64) + '&from=scratch/x',
  ])('no upload begins at %s', async (target) => {
    expectRefused(await send(pusher, { method: 'POST', target }));
    expectUntouched();
  });
});

test.each(BROKEN_TARGETS)('PUT %j', async (target) => {
  const answer = await send(pusher, { method: 'PUT', target, headers: [TYPE], body: MANIFEST });

  expectRefused(answer);
  expectUntouched();
});

test('requests that are framed in two ways', async () => {
  const cases = framingCases({
    authorization: pusher,
    target: '/v2/scratch/hidden/manifests/t',
    body: MANIFEST.toString(),
    contentType: OCI_MANIFEST,
  });

  for (const { name, bytes } of cases) {
    const { statuses, closed } = await sendRaw(gateway.port, bytes);

    const accepted = statuses.filter((status) => status < 400);
    expect({
      name,
      accepted,
      answered: statuses.length > 0 || closed,
      writes: backend.writes,
    }).toEqual({
      name,
      accepted: [],
      answered: true,
      writes: [],
    });
  }
});

describe('a manifest', () => {
  test.each(MANIFEST_CASES)(
    '$name',
    async ({ body, contentType = OCI_MANIFEST, target, chunked }) => {
      const type = contentType === null ? [] : [`Content-Type: ${contentType}`];
      const request = { method: 'PUT', target: target ?? '/v2/scratch/fuzz/manifests/t' };
      const size = `${body.length.toString(16)}\r\n`;
      const coded = Buffer.concat([Buffer.from(size), body, Buffer.from('\r\n0\r\n\r\n')]);
      const answer = chunked
        ? await sendRaw(
            gateway.port,
            Buffer.concat([
              rawRequest({
                ...request,
                headers: [`Authorization: ${pusher}`, ...type, 'Transfer-Encoding: chunked'],
              }),
              coded,
            ]),
          )
        : await send(pusher, { ...request, headers: type, body });

      expectRefused(answer);
      expectUntouched();
      // However deep it goes, few questions are asked about it.
      expect(backend.reads.length).toBeLessThan(200);
    },
  );
});

describe('a header that asks for more than the request', () => {
  test.each([
    'X-HTTP-Method-Override: PUT',
    'X-HTTP-Method: DELETE',
    'X-Method-Override: DELETE',
    'X-Original-URL: /v2/channels/prod/checkout/manifests/stable',
    'X-Rewrite-URL: /v2/channels/prod/checkout/manifests/stable',
    'X-Forwarded-Prefix: /v2/channels',
    'X-Forwarded-Host: other.test',
    'X-Forwarded-User: system',
    'X-Remote-User: system',
    'Connection: close, Authorization',
    'Proxy-Authorization: Basic c3lzdGVtOng=',
  ])('%s', async (header) => {
    const target = '/v2/scratch/fuzz/manifests/absent';
    const read = await send(pusher, { target, headers: [header] });
    const write = await send(reader, {
      method: 'PUT',
      target: '/v2/scratch/fuzz/manifests/t',
      headers: [TYPE, header],
      body: MANIFEST,
    });

    expectRefused(read);
    expectRefused(write);
    expectUntouched();
    const name = header.split(':')[0]!.toLowerCase();
    if (name.startsWith('x-') || name === 'proxy-authorization') {
      expect([...backend.headerNames]).not.toContain(name);
    }
  });

  test('what the client says of itself goes no further', async () => {
    await send(pusher, {
      target: '/v2/scratch/fuzz/manifests/absent',
      headers: ['Cookie: a=b', 'X-Anything: 1', 'Forwarded: for=1.2.3.4'],
    });

    expect(backend.reads.length).toBeGreaterThan(0);
    for (const name of ['cookie', 'x-anything', 'forwarded', 'authorization']) {
      expect([...backend.headerNames]).not.toContain(name);
    }
  });
});

describe('a mount', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  test.each([
    `mount=${digest}&from=channels/prod/checkout`,
    `mount=${digest}&from=%63hannels/prod/checkout`,
    `mount=${digest}&from=scratch/../channels/prod/checkout`,
    `mount=${digest}&from=scratch/a&from=channels/prod/checkout`,
    `mount=${digest}&from=channels/prod/checkout&from=scratch/a`,
    `mount=${digest}&mount=${digest}&from=apps/checkout/checkout`,
    `mount=${digest}&FROM=apps/checkout/checkout&from=apps/checkout/checkout`,
    `mount=${digest}&from=apps/checkout/checkout%00`,
    `mount=../../channels&from=scratch/a`,
    `mount=${digest}&from=`,
    `digest=${digest}&mount=${digest}&from=apps/checkout/checkout`,
  ])('from where the robot may not read: %s', async (query) => {
    await send(scratch, {
      method: 'POST',
      target: `/v2/scratch/x/blobs/uploads/?${query}`,
      body: '',
    });

    // A session of its own it may have, as the spec wants when a mount does not work.
    const asked = backend.writes.map(({ path }) => decodeURIComponent(path));
    expect(asked.filter((path) => /channels|apps|\.\./.test(path))).toEqual([]);
  });
});

describe('whatever else one writes into a target', () => {
  const fragments = [
    '/',
    '//',
    '..',
    '.',
    '%2f',
    '%2e',
    '%00',
    '\\',
    ';',
    '?',
    '#',
    '%',
    ' ',
    ':',
    '@',
  ];
  const words = [
    'channels',
    'apps',
    'scratch',
    'v2',
    'manifests',
    'blobs',
    'uploads',
    'stable',
    'x',
  ];
  const part = fc.oneof(
    fc.constantFrom(...fragments),
    fc.constantFrom(...words),
    fc.string({ maxLength: 4 }),
  );
  const target = fc
    .tuple(
      fc.constantFrom('/v2/scratch/x/manifests/t', '/v2/', '/'),
      fc.array(part, { maxLength: 12 }),
    )
    .map(([start, parts]) => `${start}${parts.join('')}`.replace(/[\r\n]/g, ''));
  const method = fc.constantFrom('PUT', 'POST', 'PATCH', 'DELETE');

  test('a robot that may read writes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(target, method, async (path, verb) => {
        const body = verb === 'DELETE' ? '' : MANIFEST;
        const answer = await send(reader, { method: verb, target: path, headers: [TYPE], body });
        expectRefused(answer);
        expectUntouched();
      }),
      { numRuns: 300 },
    );
  });

  test('a robot of one namespace writes nowhere else', async () => {
    const outside = ({ path }: BackendWrite): boolean =>
      !/^\/v2\/scratch\/[a-z0-9._/-]+\/(?:manifests|blobs)\/[\w:.-]+(?:\/[\w=.-]*)?(?:\?.*)?$/.test(
        path,
      ) || /\/\.{1,2}(?:[/?]|$)/.test(path);
    await fc.assert(
      fc.asyncProperty(target, method, async (path, verb) => {
        const body = verb === 'DELETE' ? '' : MANIFEST;
        await send(scratch, { method: verb, target: path, headers: [TYPE], body });
        expect(backend.writes.filter(outside)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
