import { ReleaseError } from '../../../../src/contract/errors';
import { blockOf, digestOf, NOW, REPO, startReadsServer, type ReadsServer } from '../reads-server';

let server: ReadsServer;
const BAD = digestOf('bad');
const LIST = `/v2/${REPO}/tags/list`;

beforeEach(async () => {
  server = await startReadsServer();
});

afterEach(async () => {
  await server.close();
});

function arrangeTags(tags: readonly string[], query = '', link?: string): void {
  const body = JSON.stringify({ name: REPO, tags });
  const headers = link === undefined ? {} : { link };
  server.answer(`GET ${LIST}${query}`, { status: 200, headers, body });
}

function arrangeHidden(...tags: readonly string[]): void {
  server.inventory = { ...server.inventory, tagsOf: () => Promise.resolve(tags) };
}

function failPostgres(): void {
  const down = (): Promise<never> => Promise.reject(new ReleaseError('LEDGER_UNAVAILABLE', 'down'));
  server.inventory = { ...server.inventory, tagsOf: down };
}

async function list(query = ''): Promise<{ tags: unknown; link: string | null; status: number }> {
  const response = await server.get(`${LIST}${query}`);
  const { tags } = (await response.json()) as { readonly tags?: unknown };
  return { tags, link: response.headers.get('link'), status: response.status };
}

describe('tags of a repository', () => {
  it('are listed without those that point at what is quarantined', async () => {
    arrangeTags(['a', 'b', 'c']);
    arrangeHidden('b');
    server.block(blockOf(BAD));

    expect(await list()).toMatchObject({ tags: ['a', 'c'] });
  });

  it('are asked of the inventory for what is refused now only', async () => {
    arrangeTags(['a']);
    const asked: unknown[] = [];
    server.inventory = {
      ...server.inventory,
      tagsOf: (repository, digests) => {
        asked.push([repository, digests]);
        return Promise.resolve([]);
      },
    };
    const graceUntil = '2026-11-24T13:00:00.000Z';
    server.block(
      blockOf(BAD),
      blockOf(digestOf('graced'), { graceUntil }),
      blockOf(digestOf('ended'), { expiresAt: NOW }),
    );

    await list();

    expect(asked).toEqual([[REPO, [BAD]]]);
  });

  it('can be walked page by page, though a page of the registry is hidden whole', async () => {
    const next = (last: string): string => `<${LIST}?last=${last}&n=2>; rel="next"`;
    arrangeTags(['a', 'b'], '?n=2', next('b'));
    arrangeTags(['c', 'd'], '?n=2&last=b', next('d'));
    arrangeTags(['e'], '?n=2&last=d');
    arrangeHidden('c', 'd');
    server.block(blockOf(BAD));

    const seen: unknown[] = [];
    let query: string | undefined = '?n=2';
    while (query !== undefined) {
      const { tags, link } = await list(query);
      seen.push(tags);
      query = link === null ? undefined : /<[^>]*(\?[^>]*)>; rel="next"/.exec(link)?.[1];
    }

    expect(seen).toEqual([['a', 'b'], [], ['e']]);
  });

  it('are an empty list where the registry has null', async () => {
    server.answer(`GET ${LIST}`, { status: 200, body: `{"name":"${REPO}","tags":null}` });

    expect(await list()).toMatchObject({ tags: [] });
  });

  it.each([
    ['with more in it', `<${LIST}?n=1&last=a&session=1>; rel="next"`],
    [
      'of a registry that calls itself by another name',
      `<https://other${LIST}?n=1&last=a>; rel="next"`,
    ],
    ['with a cursor of its own', `<${LIST}?next_page=xyz>; rel="next"`],
  ])('take their Link in our own words from one %s', async (_case, link) => {
    arrangeTags(['a'], '?n=1', link);

    expect(await list('?n=1')).toMatchObject({ link: `<${LIST}?n=1&last=a>; rel="next"` });
  });

  it.each(['?n=-1', '?n=abc', '?n=1000000', '?last=a%2Fb'])('refuse the page %s', async (query) => {
    expect(await list(query)).toMatchObject({ status: 400 });
    expect(server.asked).toEqual([]);
  });

  it.each([
    [
      'a Link that names no next page',
      { headers: { link: '</>; rel="next"' }, body: '{"tags":[]}' },
    ],
    ['a list that is none', { body: '{"tags":"all"}' }],
    ['no JSON', { body: '<html>' }],
  ])('are 502 for %s', async (_case, answer) => {
    server.answer(`GET ${LIST}`, { status: 200, ...answer });

    expect(await list()).toMatchObject({ status: 502 });
  });

  it('are NAME_UNKNOWN for a repository that is not there', async () => {
    const response = await server.get(LIST);

    expect(response.status).toBe(404);
    expect(await response.text()).toContain('NAME_UNKNOWN');
  });
});

describe('tags while Postgres is away', () => {
  it('are listed by what it said last', async () => {
    arrangeTags(['a', 'b']);
    arrangeHidden('b');
    server.block(blockOf(BAD));
    await list();
    failPostgres();

    expect(await list()).toMatchObject({ status: 200, tags: ['a'] });
  });

  it('are listed when nothing is quarantined', async () => {
    arrangeTags(['a', 'b']);
    failPostgres();

    expect(await list()).toMatchObject({ status: 200, tags: ['a', 'b'] });
  });

  it.each([
    ['the repository was not asked for before', () => undefined],
    [
      'something more is quarantined since',
      async (): Promise<void> => {
        await list();
        server.block(blockOf(BAD), blockOf(digestOf('new')));
      },
    ],
    [
      'the policy refuses reads then',
      async (): Promise<void> => {
        await list();
        const withoutDatabase = { pulls: 'refuse', maxAgeMs: 1000 } as const;
        server.policy = { ...server.policy, withoutDatabase };
      },
    ],
  ])('are 503 when %s', async (_case, arrange) => {
    arrangeTags(['a', 'b']);
    server.block(blockOf(BAD));
    await arrange();
    failPostgres();

    expect(await list()).toMatchObject({ status: 503, tags: undefined });
  });
});
