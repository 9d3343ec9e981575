import path from 'node:path';
import { readIssuerConfig } from '../../../src/config/issuer';

describe('issuer configuration', () => {
  it('has defaults for a local stack, on loopback', () => {
    expect(readIssuerConfig({})).toEqual({
      stateDir: path.resolve('.plura'),
      host: '127.0.0.1',
      port: 8720,
      issuer: 'http://127.0.0.1:8720',
      audience: 'plura-reg',
      logLevel: 'info',
    });
  });

  it('takes the public address for the tokens, without a slash at the end', () => {
    const config = readIssuerConfig({ PLURA_ISSUER_URL: 'http://issuer:8720/' });

    expect(config.issuer).toBe('http://issuer:8720');
  });

  it.each([
    ['PLURA_ISSUER_PORT', 'many'],
    ['PLURA_ISSUER_PORT', '70000'],
    ['PLURA_ISSUER_URL', 'ftp://issuer'],
  ])('refuses %s=%s by name', (name, value) => {
    expect(() => readIssuerConfig({ [name]: value })).toThrow(name);
  });
});
