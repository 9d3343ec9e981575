import { backendAddress } from '../../../src/contract/backend-address';
import { BackendUrl } from '../../../src/config/backend-url';

test.each([
  ['http://registry:5000', { origin: 'http://registry:5000', socketPath: null }],
  ['https://registry.example/', { origin: 'https://registry.example', socketPath: null }],
  ['unix:///run/r.sock', { origin: 'http://localhost', socketPath: '/run/r.sock' }],
  ['unix:/run/r.sock', { origin: 'http://localhost', socketPath: '/run/r.sock' }],
])('%s is a backend', (url, address) => {
  expect(backendAddress(BackendUrl.parse(url))).toEqual(address);
});

test.each([
  ['http://registry:5000/v2/', 'must be scheme, host and port alone'],
  ['unix://run/r.sock', 'must be unix:///path/to/the.sock'],
  [`unix:///${'a'.repeat(120)}`, 'must name a path of 107 bytes at most'],
  ['registry:5000', 'Invalid URL'],
  ['ftp://registry', 'Invalid URL'],
])('%s is none, and why is said', (url, why) => {
  const { error } = BackendUrl.safeParse(url);

  expect(error?.issues[0]?.message).toBe(why);
});
