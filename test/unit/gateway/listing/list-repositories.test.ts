import type { Principal } from '../../../../src/domain/registry/principal';
import { ROBOT, startReadsServer, type ReadsServer } from '../reads-server';

let server: ReadsServer;

beforeEach(async () => {
  server = await startReadsServer();
  server.answer('GET /v2/_catalog?n=2', {
    status: 200,
    headers: { link: '</v2/_catalog?last=b%2Fc&n=2>; rel="next"' },
    body: '{"repositories":["a","b/c"]}',
  });
});

afterEach(async () => {
  await server.close();
});

const ALL = [{ repositories: '**', actions: ['pull'] }] as const;
const OBSERVER: Principal = { name: 'scanner', kind: 'observer', scopes: ALL };

describe('the catalogue of repositories', () => {
  it.each(['observer', 'system', 'custodian'] as const)('is for a %s of all', async (kind) => {
    server.principal = { ...OBSERVER, kind };

    const response = await server.get('/v2/_catalog?n=2');

    expect(await response.json()).toEqual({ repositories: ['a', 'b/c'] });
    expect(response.headers.get('link')).toBe('</v2/_catalog?n=2&last=b%2Fc>; rel="next"');
  });

  it.each<[string, Principal]>([
    ['a robot of all', ROBOT],
    [
      'an observer of some',
      { ...OBSERVER, scopes: [{ repositories: 'apps/**', actions: ['pull'] }] },
    ],
    [
      'an observer that may not pull',
      { ...OBSERVER, scopes: [{ repositories: '**', actions: [] }] },
    ],
    ['anyone', { ...OBSERVER, kind: 'anonymous' }],
  ])('is not for %s', async (_case, principal) => {
    server.principal = principal;

    const response = await server.get('/v2/_catalog?n=2');

    expect(response.status).toBe(403);
    expect(server.asked).toEqual([]);
  });

  it('is UNSUPPORTED where the registry has none', async () => {
    server.principal = OBSERVER;

    expect((await server.get('/v2/_catalog')).status).toBe(405);
  });
});
