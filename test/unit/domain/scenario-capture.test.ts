import type { ScenarioCapture } from '../../../src/domain/scenario';
import type { ScenarioAnswer } from '../../../src/domain/scenario-answer';
import { captureFrom, isSecretCapture } from '../../../src/domain/scenario-capture';
import { looksSecret } from '../../../src/domain/scenario-secrets';

const ANSWER: ScenarioAnswer = {
  status: 201,
  headers: new Map([['location', '/orders/17?x=1']]),
  body: '{"id":17,"open":true,"who":{"name":"Ida"},"none":null,"empty":""}',
  cut: false,
};

describe('a capture', () => {
  it.each<[string, ScenarioCapture, string]>([
    ['a number', { json: '/id' }, '17'],
    ['a boolean', { json: '$.open' }, 'true'],
    ['a text', { json: '/who/name' }, 'Ida'],
    ['a header', { header: 'Location' }, '/orders/17?x=1'],
    ['a part of a header', { header: 'location', after: '/orders/', before: '?' }, '17'],
    ['a part of the body', { after: '"name":"', before: '"' }, 'Ida'],
    ['a part of a member', { json: '/who/name', after: 'I' }, 'da'],
    ['what is before a text', { header: 'location', before: '/17' }, '/orders'],
  ])('takes %s', (_name, capture, value) => {
    expect(captureFrom(capture, ANSWER)).toEqual({ ok: true, value });
  });

  it.each<[string, ScenarioCapture, RegExp]>([
    ['a header that is not there', { header: 'x-id' }, /no header x-id/],
    ['nothing', { json: '/nope' }, /at \/nope/],
    ['null', { json: '/none' }, /at \/none/],
    ['an object', { json: '/who' }, /no text, number or boolean/],
    ['an empty text', { json: '/empty' }, /empty/],
    ['a missing beginning', { after: 'zzz' }, /`after` is not there/],
    ['a missing end', { after: 'Ida', before: 'zzz' }, /`before` is not there/],
  ])('does not take %s', (_name, capture, reason) => {
    expect(captureFrom(capture, ANSWER)).toEqual({
      ok: false,
      reason: expect.stringMatching(reason) as string,
    });
  });

  it('takes no JSON out of a body that is none, or not whole', () => {
    const capture = { json: '/id' };

    expect(captureFrom(capture, { ...ANSWER, body: 'id=17' }).ok).toBe(false);
    expect(captureFrom(capture, { ...ANSWER, cut: true }).ok).toBe(false);
  });

  it('takes 4096 characters and no more', () => {
    const take = (length: number): boolean =>
      captureFrom({ after: '-' }, { ...ANSWER, body: `-${'x'.repeat(length)}` }).ok;

    expect(take(4096)).toBe(true);
    expect(take(4097)).toBe(false);
  });

  it.each<[string, ScenarioCapture, boolean]>([
    ['id', { json: '/id' }, false],
    ['id', { json: '/id', secret: true }, true],
    ['sessionId', { json: '/id' }, true],
    ['value', { json: '/data/access_token' }, true],
    ['value', { header: 'Set-Cookie' }, true],
    ['place', { header: 'location' }, false],
  ])('of %s from %j is secret: %s', (name, capture, secret) => {
    expect(isSecretCapture(name, capture)).toBe(secret);
  });
});

describe('names', () => {
  it.each([
    'Authorization',
    'proxy-authorization',
    'Cookie',
    'set-cookie',
    'X-Api-Key',
    'apiKey',
    'access_token',
    'userPassword',
    'client.secret',
    'PHPSESSID',
    'connect.sid',
    'user[pwd]',
    'x-amz-signature',
  ])('%s looks secret', (name) => {
    expect(looksSecret(name)).toBe(true);
  });

  it.each(['author', 'monkey', 'key', 'sku', 'pinned', 'compass', 'content-type', 'passenger', ''])(
    '%s does not',
    (name) => {
      expect(looksSecret(name)).toBe(false);
    },
  );
});
