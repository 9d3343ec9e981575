import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { referrersTag } from '../../../../src/domain/registry/referrers-index';
import { indexJson } from '../../../support/fuzz/artifact';
import { answerOf, refusal } from '../push/memory-backend';
import { APP, artifact, image, index, putTo, sample, TAG, type Sample } from '../push/pushed';
import { startWritesServer, type WriteAnswer, type WritesServer } from '../push/writes-server';

interface Listed {
  readonly digest: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const SBOM = 'application/vnd.example.sbom+json';

let server: WritesServer;
let subject: Sample;

beforeEach(async () => {
  server = await startWritesServer();
  subject = image(server);
  await push(subject, TAG);
});
afterEach(() => server.close());

async function push(one: Sample, reference: string = one.digest): Promise<WriteAnswer> {
  const answer = await putTo(server, APP, reference, one);
  expect(answer.status).toBe(201);
  return answer;
}

function list(query = '', digest: string = subject.digest): Promise<WriteAnswer> {
  return server.call(`/v2/${APP}/referrers/${digest}${query}`);
}

function entriesOf({ text }: Pick<WriteAnswer, 'text'>): readonly Listed[] {
  return (JSON.parse(text) as { manifests: Listed[] }).manifests;
}

const digestsOf = (entries: readonly Listed[]): readonly string[] =>
  entries.map(({ digest }) => digest);

describe('GET of referrers', () => {
  it('of what nobody knows is an empty index', async () => {
    const answer = await list('', `sha256:${'9'.repeat(64)}`);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(OCI_INDEX);
    expect(JSON.parse(answer.text)).toEqual({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [],
    });
  });

  it('is filtered by type, and says so; without a filter it does not', async () => {
    const [one, two] = [artifact(subject, 'a/one+json'), artifact(subject, 'a/two')];
    await push(one);
    await push(two);

    const filtered = await list(`?artifactType=${encodeURIComponent('a/one+json')}`);
    expect(digestsOf(entriesOf(filtered))).toEqual([one.digest]);
    expect(filtered.headers.get('oci-filters-applied')).toBe('artifactType');
    expect((await list('?artifactType=')).headers.get('oci-filters-applied')).toBeNull();
    expect(entriesOf(await list('?artifactType=a/none'))).toEqual([]);
    expect((await list()).headers.get('oci-filters-applied')).toBeNull();
  });

  it('by HEAD has no body', async () => {
    const answer = await server.call(`/v2/${APP}/referrers/${subject.digest}`, { method: 'HEAD' });

    expect(answer).toMatchObject({ status: 200, text: '' });
  });

  it('fills in what an older client left out', async () => {
    const one = artifact(subject, SBOM, { annotations: { a: '1' } });
    server.backend.addManifest(APP, one.bytes, OCI_MANIFEST);
    const bare = index(one).bytes;
    server.backend.addManifest(APP, bare, OCI_INDEX, referrersTag(subject.digest));

    expect(entriesOf(await list(`?artifactType=${encodeURIComponent(SBOM)}`))).toMatchObject([
      { digest: one.digest, annotations: { a: '1' } },
    ]);
  });

  it('leaves out what is no descriptor in an index from elsewhere', async () => {
    const bad = indexJson([
      null,
      7,
      { digest: 'x' },
      { mediaType: 'a/b', digest: 'sha256:1', size: 1 },
    ]);
    const tag = referrersTag(subject.digest);
    server.backend.addManifest(APP, sample(bad, OCI_INDEX).bytes, OCI_INDEX, tag);

    expect(entriesOf(await list())).toEqual([]);
  });

  it('goes on without Postgres', async () => {
    const one = artifact(subject);
    await push(one);
    server.inventory.fail('LEDGER_UNAVAILABLE', 100);

    expect(digestsOf(entriesOf(await list()))).toEqual([one.digest]);
  });

  it('is the registry’s own where it has the API', async () => {
    const body = JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] });
    server.backend.before = (_method, path) =>
      path.includes('/referrers/')
        ? answerOf(
            200,
            {
              'oci-filters-applied': 'artifactType',
              link: `</v2/${APP}/referrers/${subject.digest}?n=1>; rel="next"`,
              'x-internal': 'host',
            },
            body,
          )
        : 'as usual';

    const answer = await list('?artifactType=a/b&evil=1');

    expect(answer.text).toBe(body);
    expect(answer.headers.get('oci-filters-applied')).toBe('artifactType');
    expect(answer.headers.get('link')).toBe(
      `</v2/${APP}/referrers/${subject.digest}?n=1>; rel="next"`,
    );
    expect(answer.headers.get('x-internal')).toBeNull();
    expect(server.backend.asked.at(-1)).toBe(
      `GET /v2/${APP}/referrers/${subject.digest}?artifactType=a%2Fb`,
    );
  });

  it('asks a registry without the API once', async () => {
    await list();
    await list();

    expect(server.backend.asked.filter((line) => line.includes('/referrers/'))).toHaveLength(1);
  });

  it('asks again a registry that has the API and lacks the repository', async () => {
    server.backend.before = (_method, path) =>
      path.includes('/referrers/') ? refusal(404, 'NAME_UNKNOWN') : 'as usual';

    expect(entriesOf(await list())).toEqual([]);
    await list();
    expect(server.backend.asked.filter((line) => line.includes('/referrers/'))).toHaveLength(2);
  });

  it('says that the registry is down, and not that there is nothing', async () => {
    server.backend.before = () => answerOf(503);

    expect((await list()).status).toBe(503);
  });

  it('takes no filter that is no type', async () => {
    expect((await list(`?artifactType=${'a'.repeat(256)}`)).status).toBe(400);
  });
});
