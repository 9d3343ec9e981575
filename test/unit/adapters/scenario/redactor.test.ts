import { createRedactor } from '../../../../src/adapters/scenario/redactor';

const SECRET = 'pä ss/w0rd"<1>';
const redactor = createRedactor([SECRET]);

function shown(text: string): string {
  return redactor.text(text, 1_000);
}

describe('the value of a secret', () => {
  it.each([
    ['as it is', `x ${SECRET} y`],
    ['percent-encoded', `x ${encodeURIComponent(SECRET)} y`],
    ['percent-encoded in lower case', `x ${encodeURIComponent(SECRET).toLowerCase()} y`],
    [
      'percent-encoded whole',
      `x ${[...Buffer.from(SECRET)].map((b) => `%${b.toString(16).padStart(2, '0')}`).join('')} y`,
    ],
    ['in a form', `x ${new URLSearchParams({ q: SECRET }).toString()} y`],
    ['in JSON', `x ${JSON.stringify(SECRET)} y`],
    ['in JSON as Go writes it', 'x p\\u00e4 ss\\/w0rd\\"\\u003c1\\u003e y'],
    ['in HTML', 'x p&#228; ss/w0rd&quot;&lt;1&gt; y'],
    ['in base64', `x ${Buffer.from(SECRET).toString('base64')} y`],
    ['in base64 with a name', `x ${Buffer.from(`ida:${SECRET}`).toString('base64')} y`],
    ['in base64 for URLs', `x ${Buffer.from(SECRET).toString('base64url')} y`],
    ['in hex', `x ${Buffer.from(SECRET).toString('hex')} y`],
    ['as bytes of a header', `x ${Buffer.from(SECRET).toString('latin1')} y`],
  ])('is hidden %s', (_name, text) => {
    const result = shown(text);

    expect(result).toMatch(/^x (?:q=)?"?\*\*\*=*"? y$|^\(withheld: /);
  });

  it('is hidden before a text is cut', () => {
    expect(redactor.text(`12345${SECRET}`, 8)).toBe('12345***');
  });

  it('leaves no beginning behind where the text was cut already', () => {
    expect(redactor.start(`x=1 ${SECRET.slice(0, 7)}`, true, 100)).toBe('x=1 ');
    expect(redactor.start(`x=1 ${SECRET.slice(0, 7)}`, false, 100)).toBe(
      `x=1 ${SECRET.slice(0, 7)}`,
    );
    expect(redactor.start(`${' '.repeat(4_090)}${SECRET}`, false, 5_000)).not.toContain('pä');
  });

  it('is hidden from the moment it is known', () => {
    const late = createRedactor();
    late.add('s3cr3t-7');

    expect(late.text('a s3cr3t-7 b', 100)).toBe('a *** b');
  });

  it('may be part of another one', () => {
    const two = createRedactor(['abcdefgh', 'abcdefgh-ijkl']);

    expect(two.text('1 abcdefgh-ijkl 2 abcdefgh 3', 100)).toBe('1 *** 2 *** 3');
  });
});

describe('what its name says is secret', () => {
  it.each([
    ['user=ida&password=a1b2&x=1', 'user=ida&password=***&x=1'],
    ['user%5Bpassword%5D=a1b2&x=1', 'user%5Bpassword%5D=***&x=1'],
    ['http://h:1/p?api_key=a1b2&x=1', 'http://h:1/p?api_key=***&x=1'],
    ['{"name":"ida","token":"a,\\"b","x":1}', '{"name":"ida","token":***,"x":1}'],
    ['{"token":"a1b2', '{"token":***'],
    ['{"x":1,"tokens":[{"value":"a1b2"}],"y":2}', '{"x":1,"tokens":***'],
    ['{"m":"{\\"secret\\":\\"a1b2\\"}"}', /^\{"m":"\{\\"secret\\":\\\*\*\*/],
    ['authorization: Token a1b2 c3', 'authorization: ***'],
    ['said Bearer a1b2c3d4e5 to us', 'said Bearer *** to us'],
    ['jwt eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2ln rest', 'jwt *** rest'],
    ['<a><secret kind="x">a1b2</secret></a>', '<a><secret kind="x">***</secret></a>'],
    ['<form><input name="csrf" value="a1b2"></form>', '<form>***</form>'],
  ])('is hidden in %s', (text, expected) => {
    const result = createRedactor().text(text, 1_000);

    if (typeof expected === 'string') {
      expect(result).toBe(expected);
    } else {
      expect(result).toMatch(expected);
      expect(result).not.toContain('a1b2');
    }
  });

  it.each([
    '{"author":"ida","key":"tea","totalCents":2100}',
    'http://127.0.0.1:8080/cart?sku=tea',
    '<html><body>hello world</body></html>',
    'connect ECONNREFUSED 127.0.0.1:1',
  ])('leaves %s alone', (text) => {
    expect(createRedactor().text(text, 1_000)).toBe(text);
  });
});

describe('a text that is shown', () => {
  it('is one line without control characters', () => {
    expect(createRedactor().text('a\r\nb\u001b[31mc\u2028d', 100)).toBe('a b [31mc d');
  });

  it('is cut with a mark', () => {
    expect(createRedactor().text('abcdef', 4)).toBe('abc…');
  });
});
