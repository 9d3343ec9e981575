import {
  blockOf,
  digestOf,
  imageText,
  IMAGE_TYPE,
  indexText,
  INDEX_TYPE,
  NOW,
  REPO,
  ROBOT,
  startReadsServer,
  type ReadsServer,
} from '../reads-server';

let server: ReadsServer;

beforeEach(async () => {
  server = await startReadsServer();
});

afterEach(async () => {
  await server.close();
});

const path = (reference: string): string => `/v2/${REPO}/manifests/${reference}`;

interface ErrorBody {
  readonly errors: readonly { readonly code: string; readonly detail: Record<string, unknown> }[];
}

async function refusalOf(response: Response): Promise<Record<string, unknown>> {
  const { errors } = (await response.json()) as ErrorBody;
  return { status: response.status, code: errors[0]?.code, ...errors[0]?.detail };
}

const blockedPulls = async (): Promise<number> =>
  (await server.metrics.blockedPulls.get()).values.reduce((sum, { value }) => sum + value, 0);

describe('a manifest that may be pulled', () => {
  it.each([
    ['tag', '1.4.0_abc1234'],
    ['digest', digestOf(imageText('a'))],
  ])('comes by %s as the registry gave it', async (_kind, reference) => {
    const digest = server.push(imageText('a'), { tag: '1.4.0_abc1234' });

    const response = await server.get(path(reference));

    expect(response.status).toBe(200);
    expect(await response.text()).toBe(imageText('a'));
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': IMAGE_TYPE,
      'content-length': `${imageText('a').length}`,
      'docker-content-digest': digest,
      etag: `"${digest}"`,
    });
  });

  it('has the same headers for HEAD', async () => {
    const digest = server.push(imageText('a'), { tag: 'x' });

    const response = await server.get(path('x'), { method: 'HEAD' });

    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': IMAGE_TYPE,
      'content-length': `${imageText('a').length}`,
      'docker-content-digest': digest,
    });
    expect(await response.text()).toBe('');
    expect(server.asked).toEqual([`GET ${path('x')}`]);
  });

  it('is read whole for HEAD of a tag when the registry does not name its digest', async () => {
    const digest = server.push(imageText('a'), { tag: 'x' });
    const headers = { 'content-type': IMAGE_TYPE };
    server.answer(`GET ${path('x')}`, { status: 200, headers, body: imageText('a') });

    const response = await server.get(path('x'), { method: 'HEAD' });

    expect(response.headers.get('docker-content-digest')).toBe(digest);
  });

  it.each(['"DIGEST"', 'W/"DIGEST"', '"other", "DIGEST"', '*'])(
    'is 304 for If-None-Match: %s',
    async (template) => {
      const digest = server.push(imageText('a'), { tag: 'x' });
      const headers = { 'if-none-match': template.replace('DIGEST', digest) };

      const response = await server.get(path('x'), { headers });

      expect(response.status).toBe(304);
      expect(await response.text()).toBe('');
      expect(response.headers.get('docker-content-digest')).toBe(digest);
    },
  );

  it('is sent when what the client has is another one', async () => {
    server.push(imageText('a'), { tag: 'x' });
    const headers = { 'if-none-match': `"${digestOf('other')}"` };

    expect((await server.get(path('x'), { headers })).status).toBe(200);
  });

  it.each(['GET', 'HEAD'])('leaves its %s on record', async (method) => {
    const digest = server.push(imageText('a'), { tag: 'x' });

    await server.get(path('x'), { method });
    await server.get(path(digest), { method });

    expect(server.activity).toEqual([
      { repository: REPO, tag: 'x', digest, at: NOW },
      { repository: REPO, tag: null, digest, at: NOW },
    ]);
  });

  it('leaves nothing on record for an observer', async () => {
    server.push(imageText('a'), { tag: 'x' });
    server.principal = { ...ROBOT, kind: 'observer' };

    await server.get(path('x'));

    expect(server.activity).toEqual([]);
  });

  it('is counted when Postgres has not answered for long', async () => {
    server.push(imageText('a'), { tag: 'x' });
    server.ageMs = 10_001;

    await server.get(path('x'));

    expect((await server.metrics.stalePulls.get()).values[0]?.value).toBe(1);
  });
});

describe('a quarantined digest', () => {
  it('is refused by digest before the registry is asked', async () => {
    const digest = server.push(imageText('a'));
    server.block(blockOf(digest));

    const response = await server.get(path(digest));

    expect(await refusalOf(response)).toMatchObject({
      status: 403,
      code: 'DENIED',
      rule: 'quarantined',
      cves: ['CVE-2026-1234'],
    });
    expect(server.asked).toEqual([]);
  });

  it.each(['GET', 'HEAD'])('is refused by tag, %s', async (method) => {
    server.block(blockOf(server.push(imageText('a'), { tag: 'x' })));

    const response = await server.get(path('x'), { method });

    expect(response.status).toBe(403);
    expect(response.headers.get('etag')).toBeNull();
    expect(server.activity).toEqual([]);
  });

  it('is refused to a client that has it and asks whether it changed', async () => {
    const digest = server.push(imageText('a'), { tag: 'x' });
    server.block(blockOf(digest));
    const headers = { 'if-none-match': `"${digest}"` };

    expect((await server.get(path('x'), { headers })).status).toBe(403);
  });

  it('is refused when the quarantine came while the registry answered', async () => {
    const digest = server.push(imageText('a'));
    server.whileAsked = () => {
      server.block(blockOf(digest));
    };

    expect((await server.get(path(digest))).status).toBe(403);
  });

  it('leaves an event, a count and a line in the log', async () => {
    const digest = server.push(imageText('a'), { tag: 'x' });
    server.block(blockOf(digest));

    await server.get(path('x'));

    expect(server.events).toEqual([
      {
        kind: 'pull-blocked',
        repository: REPO,
        reference: 'x',
        actor: 'runtime',
        at: NOW,
        detail: {
          outcome: 'refused',
          digest,
          cause: digest,
          reason: 'remote code execution',
          cves: ['CVE-2026-1234'],
          times: 1,
        },
      },
    ]);
    expect(await blockedPulls()).toBe(1);
    expect(server.warnings).toEqual([expect.stringContaining('pull refused')]);
  });

  it('is refused though the event can not be recorded', async () => {
    server.block(blockOf(server.push(imageText('a'), { tag: 'x' })));
    server.inventory = {
      ...server.inventory,
      recordEvent: () => Promise.reject(new Error('down')),
    };

    expect((await server.get(path('x'))).status).toBe(403);
  });

  it('is served in its grace, which is an event and no blocked pull', async () => {
    const digest = server.push(imageText('a'), { tag: 'x' });
    server.block(blockOf(digest, { graceUntil: '2026-11-24T12:00:01.000Z' }));

    const response = await server.get(path(digest));

    expect(response.status).toBe(200);
    expect(server.events).toMatchObject([
      { detail: { outcome: 'served-in-grace', digest, times: 1 } },
    ]);
    expect(await blockedPulls()).toBe(0);
  });

  it.each([
    ['its grace is over', { graceUntil: NOW }],
    ['the end of its grace can not be read', { graceUntil: 'soon' }],
    ['its end can not be read', { expiresAt: 'soon' }],
  ])('is refused when %s', async (_case, over) => {
    const digest = server.push(imageText('a'));
    server.block(blockOf(digest, over));

    expect((await server.get(path(digest))).status).toBe(403);
  });

  it('is served when the quarantine has ended', async () => {
    const digest = server.push(imageText('a'));
    server.block(blockOf(digest, { expiresAt: NOW }));

    expect((await server.get(path(digest))).status).toBe(200);
  });
});

describe('an index around a quarantined manifest', () => {
  const child = digestOf('child');

  it.each([
    ['GET', INDEX_TYPE],
    ['HEAD', INDEX_TYPE],
    // Clients go by the content.
    ['GET', 'application/octet-stream'],
    ['HEAD', IMAGE_TYPE],
  ])('is refused, %s as %s', async (method, type) => {
    server.push(indexText([digestOf('fine'), child]), { tag: 'x', type });
    server.block(blockOf(child));

    const response = await server.get(path('x'), { method });

    expect(response.status).toBe(403);
  });

  it('is read with what is asked for, HEAD too', async () => {
    server.push(indexText([digestOf('fine')]), { tag: 'x', type: INDEX_TYPE });
    server.block(blockOf(child));

    await server.get(path('x'), { method: 'HEAD' });
    await server.get(path('x'), { method: 'HEAD' });

    expect(server.asked).toEqual([`GET ${path('x')}`, `GET ${path('x')}`]);
  });

  it('is served when the policy does not spread to parents', async () => {
    server.push(indexText([child]), { tag: 'x', type: INDEX_TYPE });
    server.block(blockOf(child));
    const { quarantine } = server.policy;
    server.policy = { ...server.policy, quarantine: { ...quarantine, spreadToParents: false } };

    expect((await server.get(path('x'))).status).toBe(200);
  });

  it('is refused when one child is in grace and another is not', async () => {
    server.push(indexText([digestOf('graced'), child]), { tag: 'x', type: INDEX_TYPE });
    const graceUntil = '2026-11-24T13:00:00.000Z';
    server.block(blockOf(digestOf('graced'), { graceUntil }), blockOf(child));

    expect((await server.get(path('x'))).status).toBe(403);
  });
});

describe('a registry that answers oddly', () => {
  it('gives other bytes than the digest says: 502, none of them', async () => {
    const digest = server.push(imageText('a'));
    server.answer(`GET ${path(digest)}`, { status: 200, body: imageText('b') });

    const response = await server.get(path(digest));

    expect(await refusalOf(response)).toMatchObject({ status: 502, rule: 'backend-corrupt' });
  });

  it('names another digest than that of its bytes: 502', async () => {
    server.push(imageText('a'), { tag: 'x' });
    const headers = { 'docker-content-digest': digestOf('b') };
    server.answer(`GET ${path('x')}`, { status: 200, headers, body: imageText('a') });

    expect(await refusalOf(await server.get(path('x')))).toMatchObject({ rule: 'backend-corrupt' });
  });

  it.each([
    [404, { status: 404, code: 'MANIFEST_UNKNOWN' }, null],
    [429, { status: 429, code: 'TOOMANYREQUESTS', rule: 'backend-busy' }, '7'],
    [503, { status: 503, code: 'UNAVAILABLE', rule: 'backend-busy' }, '7'],
    [401, { status: 502, rule: 'backend-denied' }, '5'],
    [500, { status: 502, rule: 'backend-answer' }, '5'],
    // Bytes from elsewhere could not be looked at.
    [307, { status: 502, rule: 'backend-answer' }, '5'],
  ])('with %i', async (status, expected, retryAfter) => {
    server.answer(`GET ${path('x')}`, { status, headers: { 'retry-after': '7' } });

    const response = await server.get(path('x'));

    expect(await refusalOf(response)).toMatchObject(expected);
    expect(response.headers.get('retry-after')).toBe(retryAfter);
  });
});
