import { createTestApi, type TestApi } from '../../support/api-app';
import { runPlura } from '../../support/cli-run';

let api: TestApi;

beforeAll(async () => {
  api = await createTestApi();
});

afterAll(async () => {
  await api.app.close();
});

describe('help', () => {
  it.each([
    [''],
    ['login'],
    ['reg'],
    ['reg promote'],
    ['reg rollback'],
    ['reg watch'],
    ['reg verify'],
    ['reg token'],
  ])('of "plura %s"', async (command) => {
    const args = command === '' ? [] : command.split(' ');

    const { exit, stdout } = await runPlura(api, [...args, '--help']);

    expect(exit).toBe(0);
    expect(stdout).toMatchSnapshot();
  });

  it('prints the version', async () => {
    expect(await runPlura(api, ['--version'])).toMatchObject({ exit: 0, stdout: '0.0.0-test\n' });
  });
});
