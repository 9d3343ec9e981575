import { createOciRegistryCatalog } from '../../../../src/adapters/oci/registry-catalog';
import type { RegistryCatalog } from '../../../../src/ports/registry-catalog';
import { describeRegistryCatalogContract } from '../../../support/contracts/registry-catalog';
import { createFakeRegistryCatalog } from '../../../support/fakes/registry-catalog';
import { startHttpScript, type HttpScript } from '../../../support/http-script';

describeRegistryCatalogContract('the fake registry catalog', () => {
  const catalog = createFakeRegistryCatalog();
  return { catalog, push: (input) => catalog.push(input) };
});

describe('the OCI registry catalog', () => {
  let script: HttpScript | undefined;
  afterEach(() => script?.stop());

  async function answering(
    status: number,
    body: string,
    headers: Record<string, string> = {},
  ): Promise<RegistryCatalog> {
    script = await startHttpScript((request, response) => {
      response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
    });
    return createOciRegistryCatalog({ url: script.url, requestsPerSecond: 1000 });
  }

  const unknown = (code: string): string => JSON.stringify({ errors: [{ code, message: '' }] });

  it.each([
    ['a 5xx', 503, unknown('UNAVAILABLE')],
    ['a 404 of a proxy', 404, '<html>not found</html>'],
    ['a 404 about something else', 404, unknown('UNSUPPORTED')],
    ['a page that is cut off', 200, '{"tags":["a"'],
    ['an answer without the list', 200, '{}'],
  ])('never takes %s for an empty list', async (_what, status, body) => {
    const catalog = await answering(status, body);

    for (const read of [
      () => catalog.listTags('apps/a/a', { limit: 10 }),
      () => catalog.listRepositories({ limit: 10 }),
    ]) {
      await expect(read()).rejects.toMatchObject({
        code: 'REGISTRY_UNAVAILABLE',
      });
    }
  });

  it("takes nothing but the spec's own words for absent", async () => {
    const proxy = await answering(404, 'no such page');
    expect(await proxy.isAbsent('apps/a/a', 'x')).toBe(false);
    await script?.stop();

    const registry = await answering(404, unknown('MANIFEST_UNKNOWN'));
    expect(await registry.isAbsent('apps/a/a', 'x')).toBe(true);
    await script?.stop();

    const broken = await answering(500, unknown('UNKNOWN'));
    await expect(broken.isAbsent('apps/a/a', 'x')).rejects.toMatchObject({
      code: 'REGISTRY_UNAVAILABLE',
    });
  });

  it('goes on where the Link says, or after the last name', async () => {
    const body = JSON.stringify({ repositories: ['a', 'b'] });
    const opaque = await answering(200, body, {
      link: '</v2/_catalog?last=token%2F1&n=2>; rel="next"',
    });
    expect(await opaque.listRepositories({ limit: 2 })).toEqual({
      names: ['a', 'b'],
      next: 'token/1',
    });
    await script?.stop();

    const bare = await answering(200, body, { link: '</v2/_catalog?n=2>; rel="next"' });
    expect(await bare.listRepositories({ limit: 2 })).toMatchObject({ next: 'b' });
    await script?.stop();

    const end = await answering(200, body);
    expect(await end.listRepositories({ limit: 2, after: 'A&n=9' })).toMatchObject({ next: null });
    expect(script?.seen.at(-1)?.path).toBe('/v2/_catalog?n=2&last=A%26n%3D9');
  });
});
