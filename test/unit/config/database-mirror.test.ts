import { z } from 'zod';
import { databaseMirrorOf, DatabaseMirrorEnvironment } from '../../../src/config/database-mirror';

const Environment = z.object(DatabaseMirrorEnvironment);
const read = (env: object): ReturnType<typeof databaseMirrorOf> =>
  databaseMirrorOf(Environment.parse(env));

const SOURCE = 'https://registry.example:5000/aquasecurity/trivy-db:2';

describe('the source of the database mirror', () => {
  it('is none unless it is said', () => {
    expect(read({})).toBeNull();
  });

  it('is an artifact by tag or digest', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const java = `http://127.0.0.1:5000/java-db@${digest}`;

    const config = read({
      PLURA_DATABASE_MIRROR_SOURCE: SOURCE,
      PLURA_DATABASE_MIRROR_JAVA_SOURCE: java,
    });

    expect(config).toEqual({
      login: null,
      intervalMs: 21_600_000,
      sources: [
        {
          ...{ kind: 'vulnerabilities', url: 'https://registry.example:5000', reference: '2' },
          repository: 'aquasecurity/trivy-db',
        },
        { kind: 'java', url: 'http://127.0.0.1:5000', repository: 'java-db', reference: digest },
      ],
    });
  });

  it.each([
    ['no tag', { PLURA_DATABASE_MIRROR_SOURCE: 'https://registry.example/trivy-db' }],
    ['no repository', { PLURA_DATABASE_MIRROR_SOURCE: 'https://registry.example/:2' }],
    ['a secret in it', { PLURA_DATABASE_MIRROR_SOURCE: SOURCE.replace('//', '//me:secret@') }],
    ['Java alone', { PLURA_DATABASE_MIRROR_JAVA_SOURCE: SOURCE }],
    [
      'half a login',
      { PLURA_DATABASE_MIRROR_SOURCE: SOURCE, PLURA_DATABASE_MIRROR_USERNAME: 'me' },
    ],
  ])('is refused with %s', (_name, env) => {
    expect(() => read(env)).toThrow(/PLURA_DATABASE_MIRROR/);
  });
});
