import { dockerConfig } from '../../../src/contract/docker-config';

describe('dockerConfig', () => {
  it('names the host and holds name and secret as docker login writes them', () => {
    const text = dockerConfig('127.0.0.1:5080', { username: 'demo', password: 'plr_ü:,"' });

    const { auths } = JSON.parse(text) as { auths: Record<string, { auth: string }> };
    expect(Object.keys(auths)).toEqual(['127.0.0.1:5080']);
    const { auth } = auths['127.0.0.1:5080']!;
    expect(Buffer.from(auth, 'base64').toString('utf8')).toBe('demo:plr_ü:,"');
  });
});
