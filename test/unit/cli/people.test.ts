import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW } from '../../support/api-fixtures';
import { runPlura } from '../../support/cli-run';

const BUILD = ['reg', 'promote', 'checkout', '--source', 'checkout', '--version', '1.4.0'];

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

describe('plura reg promote: the author of a build', () => {
  const author = (): unknown => {
    const call = api.orchestrator.calls.find(({ method }) => method === 'submitRelease');
    return (call?.args[0] as { readonly author?: string } | undefined)?.author;
  };

  it('is who git says wrote the revision', async () => {
    const asked: unknown[] = [];
    const readAuthor = (...args: unknown[]): Promise<string> => {
      asked.push(args);
      return Promise.resolve('ana@example.com');
    };

    await runPlura(api, [...BUILD, '--revision', '1234567'], { over: { readAuthor } });

    expect(author()).toBe('ana@example.com');
    expect(asked).toEqual([['/home/rita/src/checkout', '1234567']]);
  });

  it('is who --author says, whatever git says', async () => {
    const over = { readAuthor: () => Promise.resolve('ana@example.com') };

    await runPlura(api, [...BUILD, '--author', 'Bob <bob@example.com>'], { over });

    expect(author()).toBe('Bob <bob@example.com>');
  });

  it('is nobody where git knows nothing', async () => {
    const { exit } = await runPlura(api, BUILD);

    expect(exit).toBe(0);
    expect(author()).toBeUndefined();
  });

  it('is not taken for a digest, which says it itself', async () => {
    const args = ['reg', 'promote', 'checkout', '--digest', 'sha256:…', '--author', 'bob'];

    const { exit, stderr } = await runPlura(api, args);

    expect(exit).toBe(2);
    expect(stderr).toContain('--author');
  });
});

describe('plura reg promote --plan while something is closed', () => {
  beforeEach(async () => {
    await api.freezes.add({
      name: 'audit',
      scope: { svc: null, environments: ['prod'] },
      schedule: {
        kind: 'once',
        from: '2026-03-01T00:00:00.000Z',
        to: '2026-03-02T00:00:00.000Z',
        timeZone: null,
      },
      reason: 'the auditors are here',
      createdBy: 'carol',
      createdAt: NOW,
    });
  });

  it('shows each edge at which it would wait, and exits with 0', async () => {
    const { exit, stdout } = await runPlura(api, [...BUILD, '--plan']);

    expect(exit).toBe(0);
    const why = 'frozen until 2026-03-02T00:00:00.000Z, by carol (the auditors are here)';
    expect(stdout.split('\n').filter((line) => line.startsWith('edge '))).toEqual([
      `edge        prod traffic: ${why}`,
      `edge        prod pin: ${why}`,
    ]);
  });

  it('shows a stop, which has no end of its own', async () => {
    await api.freezes.stop({ svc: 'checkout', reason: 'incident', by: 'dave', at: NOW });

    const { stdout } = await runPlura(api, [...BUILD, '--plan']);

    expect(stdout).toContain('stg channel: frozen until the line is resumed, by dave (incident)');
  });

  it('has them in its JSON', async () => {
    const { stdout } = await runPlura(api, [...BUILD, '--plan', '--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      freezes: [
        { env: 'prod', edge: 'traffic', state: 'frozen' },
        { env: 'prod', edge: 'pin', state: 'frozen' },
      ],
    });
  });
});
