import { loginLine } from '../../../../src/local/stack/summary';

describe('the login line', () => {
  const registry = 'http://127.0.0.1:5080';

  it('names host, robot and file, and holds no secret', () => {
    expect(loginLine({ registry, robots: '/home/rita/.plura/robots' })).toBe(
      'crane auth login 127.0.0.1:5080 --username demo --password-stdin < /home/rita/.plura/robots/demo',
    );
  });

  it('can be pasted into a shell whatever the folder is called', () => {
    const line = loginLine({ registry, robots: "/home/rita's stuff/robots" });

    expect(line).toMatch(/ < '\/home\/rita'\\''s stuff\/robots\/demo'$/);
  });
});
