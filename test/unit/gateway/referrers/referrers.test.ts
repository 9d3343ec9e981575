import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/adapters/oci/media-types';
import { referrersTag } from '../../../../src/domain/registry/referrers-index';
import { indexJson } from '../../../support/fuzz/artifact';
import { answerOf, type Step } from '../push/memory-backend';
import {
  APP,
  artifact,
  childOf,
  image,
  index,
  putTo,
  sample,
  TAG,
  type Sample,
} from '../push/pushed';
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

/** What a client without the referrers API keeps at the tag. */
function stored(): readonly Listed[] {
  const digest = server.backend.tagOf(APP, referrersTag(subject.digest)) ?? '';
  const bytes = server.backend.manifests.get(`${APP}@${digest}`)?.bytes;
  return bytes ? entriesOf({ text: bytes.toString() }) : [];
}

describe('a manifest with a subject', () => {
  it('is listed with type and annotations, and the client is told so', async () => {
    const sbom = artifact(subject, SBOM, { annotations: { made: 'today' } });

    const answer = await push(sbom);

    expect(answer.headers.get('oci-subject')).toBe(subject.digest);
    expect(entriesOf(await list())).toEqual([
      {
        mediaType: OCI_MANIFEST,
        digest: sbom.digest,
        size: sbom.bytes.length,
        artifactType: SBOM,
        annotations: { made: 'today' },
      },
    ]);
  });

  it('without a type is of the type of its config', async () => {
    await push(artifact(subject, '', {}));

    expect(entriesOf(await list())[0]?.artifactType).toBe('application/vnd.oci.empty.v1+json');
  });

  it('may be an index', async () => {
    const member = artifact(subject);
    await push(member);
    const all = sample(
      { ...indexJson([childOf(member)]), subject: childOf(subject), artifactType: 'a/index' },
      OCI_INDEX,
    );
    await push(all);

    expect(entriesOf(await list('?artifactType=a/index'))).toMatchObject([{ digest: all.digest }]);
  });

  it('may come before its subject', async () => {
    const later = image(server, 'later');
    const sbom = artifact(later);

    await push(sbom);

    expect(digestsOf(entriesOf(await list('', later.digest)))).toEqual([sbom.digest]);
  });

  it('is listed once, however often it is pushed, and the index is not written again', async () => {
    const sbom = artifact(subject);
    await push(sbom);
    const before = server.backend.tagOf(APP, referrersTag(subject.digest));
    server.backend.asked.length = 0;
    await push(sbom);

    expect(stored()).toHaveLength(1);
    expect(server.backend.tagOf(APP, referrersTag(subject.digest))).toBe(before);
    expect(server.backend.asked.filter((line) => line.startsWith('PUT'))).toHaveLength(1);
  });

  it('gets lost in no race: forty at once are all listed', async () => {
    server.backend.before = async (): Promise<Step> => {
      await new Promise(setImmediate);
      return 'as usual';
    };
    const all = Array.from({ length: 40 }, (_, at) => artifact(subject, `a/n${at}`));

    await Promise.all(all.map((one) => push(one)));

    expect([...digestsOf(entriesOf(await list()))].sort()).toEqual(
      all.map(({ digest }) => digest).sort(),
    );
  });

  it('is listed by the next push when the index could not be written', async () => {
    const [lost, next] = [artifact(subject, 'a/lost'), artifact(subject, 'a/next')];
    const tag = referrersTag(subject.digest);
    server.backend.before = (method, path) =>
      method === 'PUT' && path.endsWith(tag) ? answerOf(503) : 'as usual';
    expect((await putTo(server, APP, lost.digest, lost)).status).toBe(503);
    server.backend.before = () => 'as usual';

    await push(next);

    expect([...digestsOf(stored())].sort()).toEqual([lost.digest, next.digest].sort());
  });

  it('is refused when the index is full, by size or by number', async () => {
    const full = Array.from({ length: 2000 }, (_, at) => childOf(artifact(subject, `a/n${at}`)));
    server.backend.addManifest(
      APP,
      sample(indexJson(full), OCI_INDEX).bytes,
      OCI_INDEX,
      referrersTag(subject.digest),
    );
    const one = artifact(subject);
    expect(await putTo(server, APP, one.digest, one)).toMatchObject({
      status: 413,
      error: { detail: { rule: 'referrers-full' } },
    });
  });

  it('is listed although one before it had no room any more', async () => {
    const annotations = { a: 'x'.repeat(2_200_000) };
    const large = artifact(subject, 'a/large', { annotations });
    const larger = artifact(subject, 'a/larger', { annotations });
    const [one, two] = [artifact(subject, 'a/one'), artifact(subject, 'a/two')];
    await push(large);
    const refused = await putTo(server, APP, larger.digest, larger);
    await push(one);

    const merged = await putTo(server, APP, referrersTag(subject.digest), index(one));
    await push(two);

    expect(refused).toMatchObject({ status: 413, error: { detail: { rule: 'referrers-full' } } });
    expect(merged.status).toBe(201);
    expect(digestsOf(stored())).toEqual([large.digest, one.digest, two.digest]);
  });

  it('is listed without a look at all that never had room', async () => {
    const annotations = { a: 'x'.repeat(2_200_000) };
    for (let at = 0; at < 14; at += 1) {
      const large = artifact(subject, `a/n${at}`, { annotations });
      await putTo(server, APP, large.digest, large);
    }
    server.backend.asked.length = 0;

    await push(artifact(subject, 'a/small'));

    expect(server.backend.asked.length).toBeLessThan(14);
  }, 60_000);

  it('is recorded, and so is the index that lists it', async () => {
    const sbom = artifact(subject);
    await push(sbom);
    const tag = referrersTag(subject.digest);

    expect(await server.inventory.getManifest(APP, sbom.digest)).toMatchObject({
      subject: subject.digest,
      artifactType: SBOM,
    });
    expect(await server.inventory.getTag(APP, tag)).toMatchObject({
      digest: server.backend.tagOf(APP, tag),
      writeOnce: false,
      pushedBy: 'builder',
    });
  });

  it('is left to a registry that lists by itself', async () => {
    server.backend.putHeaders = { 'oci-subject': subject.digest };

    const answer = await push(artifact(subject));

    expect(answer.headers.get('oci-subject')).toBe(subject.digest);
    expect(stored()).toEqual([]);
  });
});

describe('what was deleted around the gateway', () => {
  it('leaves the index when the registry will not take it any more', async () => {
    const [gone, next] = [artifact(subject, 'a/gone'), artifact(subject, 'a/next')];
    await push(gone);
    server.backend.manifests.delete(`${APP}@${gone.digest}`);

    await push(next);

    expect(digestsOf(stored())).toEqual([next.digest]);
  });
});

describe('the index that a client keeps', () => {
  const put = (index: Sample): Promise<WriteAnswer> =>
    putTo(server, APP, referrersTag(subject.digest), index);

  it('is united with what others attached, and the client is told the digest of what it sent', async () => {
    const [ours, theirs] = [artifact(subject, 'a/ours'), artifact(subject, 'a/theirs')];
    await push(theirs);
    await push(ours);
    const sent = index(ours);

    const answer = await put(sent);

    expect(answer.status).toBe(201);
    expect(answer.headers.get('docker-content-digest')).toBe(sent.digest);
    expect(server.backend.manifests.get(`${APP}@${sent.digest}`)?.bytes).toEqual(sent.bytes);
    expect([...digestsOf(stored())].sort()).toEqual([ours.digest, theirs.digest].sort());
  });

  it('can’t take anything off the list', async () => {
    const one = artifact(subject);
    await push(one);

    expect((await put(index())).status).toBe(201);
    expect(digestsOf(stored())).toEqual([one.digest]);
  });

  it('lists what came around the gateway too', async () => {
    const one = artifact(subject, 'a/one', { annotations: { a: '1' } });
    server.backend.addManifest(APP, one.bytes, OCI_MANIFEST);

    await put(index(one));

    expect(entriesOf(await list())).toMatchObject([
      { digest: one.digest, artifactType: 'a/one', annotations: { a: '1' } },
    ]);
  });

  it('may name the same one many times, which is then looked at once', async () => {
    const one = artifact(subject);
    server.backend.addManifest(APP, one.bytes, OCI_MANIFEST);
    server.backend.asked.length = 0;

    await put(index(...Array.from({ length: 2000 }, () => one)));

    expect(digestsOf(stored())).toEqual([one.digest]);
    expect(server.backend.asked.length).toBeLessThan(20);
  });

  it('is kept byte for byte when it is right already', async () => {
    const one = artifact(subject);
    server.backend.addManifest(APP, one.bytes, OCI_MANIFEST);
    const right = sample(indexJson([{ ...childOf(one), artifactType: SBOM }]), OCI_INDEX);

    await put(right);

    expect(server.backend.tagOf(APP, referrersTag(subject.digest))).toBe(right.digest);
  });

  it('says of each manifest what the manifest says, whatever the client says', async () => {
    const one = artifact(subject, 'a/true');
    server.backend.addManifest(APP, one.bytes, OCI_MANIFEST);
    const lie = { ...childOf(one), artifactType: 'a/lie', annotations: { signed: 'yes' } };

    await put(sample(indexJson([lie]), OCI_INDEX));

    expect(stored()).toMatchObject([{ artifactType: 'a/true' }]);
    expect(stored()[0]).not.toHaveProperty('annotations');
  });

  it('is refused when it lists what is about something else, or not there', async () => {
    const other = artifact(image(server, 'other'));
    await push(other);

    for (const sent of [index(other), index(artifact(subject, 'a/absent')), index(subject)]) {
      expect(await put(sent)).toMatchObject({
        status: 400,
        error: { detail: { rule: 'referrers-entry' } },
      });
    }
    expect(stored()).toEqual([]);
  });

  it('is an index and nothing else', async () => {
    expect(await put(artifact(subject))).toMatchObject({
      status: 400,
      error: { detail: { rule: 'referrers-tag-index' } },
    });
  });

  it('loses nothing in a race with attaches and other clients', async () => {
    server.backend.before = async (): Promise<Step> => {
      await new Promise(setImmediate);
      return 'as usual';
    };
    const all = Array.from({ length: 12 }, (_, at) => artifact(subject, `a/n${at}`));

    await Promise.all(
      all.map(async (one) => {
        await push(one);
        expect((await put(index(one))).status).toBe(201);
      }),
    );

    expect([...digestsOf(stored())].sort()).toEqual(all.map(({ digest }) => digest).sort());
  });
});
