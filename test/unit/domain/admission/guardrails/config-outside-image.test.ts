import { configOutsideImage } from '../../../../../src/domain/admission/guardrails/config-outside-image';
import { DEFAULT_GUARDRAILS } from '../../../../../src/domain/admission/guardrails/defaults';
import type { ImageConfig } from '../../../../../src/domain/admission/guardrails/image-config';
import { CASE_IMAGE } from '../../../../support/guardrail-builders';
import { GOOD_FACTS, subjectWith } from '../../../../support/guardrail-subject';

function messages(...configs: readonly Partial<ImageConfig>[]): readonly string[] {
  const imageConfigs = new Map([
    [CASE_IMAGE, configs.map((one) => ({ env: [], command: [], history: [], ...one }))],
  ]);
  return configOutsideImage
    .judge(subjectWith({ facts: { ...GOOD_FACTS, imageConfigs } }), DEFAULT_GUARDRAILS)
    .map(({ message }) => message);
}

const holds = (path: string): readonly string[] => [`the image of container web holds ${path}`];
const sets = (name: string): readonly string[] => [`the image of container web sets ${name}`];

describe('the rule config-outside-image', () => {
  it.each([
    ['of the shell', ['PATH=/usr/bin', 'LANG=C.UTF-8']],
    ['of a language', ['NODE_VERSION=24.1.0', 'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt']],
    ['that only begins like a secret', ['TOKENIZER=fast', 'PASSWORD_FILE=/run/secrets/x']],
  ])('takes variables %s', (_what, env) => {
    expect(messages({ env })).toEqual([]);
  });

  it.each(['DB_PASSWORD', 'STRIPE_API_KEY', 'DATABASE_URL', 'FEATURE_CHECKOUT', 'SENTRY_DSN'])(
    'refuses the variable %s, whatever its value',
    (name) => {
      expect(messages({ env: [`${name}=a=b`, 'PATH=/bin'] })).toEqual(sets(name));
      expect(messages({ env: [`${name}=`] })).toEqual(sets(name));
    },
  );

  it.each([
    ['a copy of BuildKit', 'COPY .env /app/ # buildkit', '/.env'],
    [
      'a copy under a name',
      'COPY settings /app/.env.production # buildkit',
      '/app/.env.production',
    ],
    [
      'a copy of the classic builder',
      '/bin/sh -c #(nop) COPY file:0123 in /app/.env ',
      '/app/.env',
    ],
    ['an ADD', 'ADD https://example.org/x /srv/secrets.yaml', '/srv/secrets.yaml'],
    [
      'a copy in the form of a list',
      'COPY ["conf/application-prod.yml", "/app/"]',
      '/conf/application-prod.yml',
    ],
    [
      'a copy with options',
      'COPY --chown=1000 --from=build /out/appsettings.Production.json /app/',
      '/out/appsettings.Production.json',
    ],
  ])('reads %s', (_what, line, path) => {
    expect(messages({ history: [line] })).toEqual(holds(path));
  });

  it('reads paths of the command, also behind an equals sign', () => {
    expect(messages({ command: ['/web', '--config=/app/application-prod.yml'] })).toEqual(
      holds('/app/application-prod.yml'),
    );
  });

  it('does not take a file that a RUN takes away for one that is there', () => {
    expect(messages({ history: ['RUN /bin/sh -c rm -f /app/.env # buildkit'] })).toEqual([]);
  });

  it('judges the image of every platform, and says each thing once', () => {
    const bad = { env: ['API_TOKEN=x'] };

    expect(messages({}, bad, bad)).toEqual(sets('API_TOKEN'));
  });

  it('refuses an image of which nobody could say what is in it', () => {
    expect(messages()).toEqual(['the config of the image of container web is not known']);
  });
});
