import { buildArguments } from '../../../../src/adapters/buildkit/command';
import { failureOf } from '../../../../src/adapters/buildkit/failures';

const options = {
  buildctl: 'buildctl',
  address: 'unix:///b.sock',
  registryHost: '127.0.0.1:5000',
  insecure: true,
  timeoutMs: 1000,
  builderId: 'https://builder.test/buildkit',
};
const digest = `sha256:${'a'.repeat(64)}` as const;
const input = {
  contextPath: '/unused',
  repository: 'apps/a/a',
  labels: { 'plura.region': '$(reboot); --opt x=y' },
  bases: { 'bases/go': { repository: 'bases/go', digest } },
};

const paths = { contextPath: '/src', dockerfilePath: '/judged', metadataFile: '/tmp/meta' };

describe('buildArguments', () => {
  it('asks for full provenance, pins bases by digest and pushes by digest', () => {
    const args = buildArguments(input, paths, options);

    expect(args).toEqual(
      expect.arrayContaining([
        'attest:provenance=mode=max,version=v1,builder-id=https://builder.test/buildkit',
        `context:bases/go=docker-image://127.0.0.1:5000/bases/go@${digest}`,
        'type=image,name=127.0.0.1:5000/apps/a/a,push=true,push-by-digest=true,oci-mediatypes=true,registry.insecure=true',
      ]),
    );
  });

  it('gives what is built no times later than the source has', () => {
    const args = buildArguments(
      { ...input, sourceDate: '2026-01-02T03:04:05.678Z' },
      paths,
      options,
    );

    const output = args[args.indexOf('--output') + 1];
    expect(output).toMatch(/,source-date-epoch=1767323045,rewrite-timestamp=true$/);
  });

  it('passes a label as one argument, whatever it holds', () => {
    const args = buildArguments(input, paths, options);

    expect(args).toContain('label:plura.region=$(reboot); --opt x=y');
  });

  it('takes the Dockerfile from a folder of its own', () => {
    const args = buildArguments(input, paths, options);

    expect(args).toEqual(expect.arrayContaining(['context=/src', 'dockerfile=/judged']));
  });

  it('names a base as BuildKit looks it up, without what stands for Docker Hub', () => {
    const base = { repository: 'bases/alpine', digest };
    const bases = { 'docker.io/library/alpine': base, 'index.docker.io/a/b': base };

    const args = buildArguments({ ...input, bases }, paths, options);

    const image = `docker-image://127.0.0.1:5000/bases/alpine@${digest}`;
    expect(args).toEqual(
      expect.arrayContaining([`context:alpine=${image}`, `context:a/b=${image}`]),
    );
  });

  it('does not weaken a registry that has TLS', () => {
    const args = buildArguments(input, paths, { ...options, insecure: false });

    expect(args.join(' ')).not.toContain('insecure');
  });
});

describe('failureOf', () => {
  it.each([
    ['process "go build" did not complete successfully: exit code: 1', 'BUILD_FAILED'],
    ['process "curl: connection refused" did not complete successfully', 'BUILD_FAILED'],
    ['dockerfile parse error on line 1: unknown instruction: RUNN', 'BUILD_FAILED'],
    ['failed to calculate checksum of ref x: "/nothing": not found', 'BUILD_FAILED'],
    ['something nobody has seen', 'BUILD_FAILED'],
    ['', 'BUILD_FAILED'],
    ['listing workers: dial unix /b.sock: connect: connection refused', 'BUILDER_UNAVAILABLE'],
    ['failed to push 127.0.0.1:9/a: dial tcp: i/o timeout', 'BUILDER_UNAVAILABLE'],
    ['rpc error: code = Unavailable desc = transport is closing', 'BUILDER_UNAVAILABLE'],
    ['unexpected status from PUT request: 503 Service Unavailable', 'BUILDER_UNAVAILABLE'],
    ['write /data/x: no space left on device', 'BUILDER_UNAVAILABLE'],
    [
      'failed to fetch oauth token: unexpected status: 503 Service Unavailable',
      'BUILDER_UNAVAILABLE',
    ],
    ['failed to authorize: failed to fetch oauth token: 401 Unauthorized', 'FORBIDDEN'],
    ['unexpected status from PUT request to http://r/v2/a/manifests/b: 403 Forbidden', 'FORBIDDEN'],
    ['push access denied: insufficient_scope: authorization failed', 'FORBIDDEN'],
    ['process "go test" did not complete successfully: 403 Forbidden', 'BUILD_FAILED'],
  ])('says whose fault "%s" is', (error, code) => {
    expect(failureOf(`failed to solve: ${error}`, []).code).toBe(code);
  });

  it('gives the last lines of the step', () => {
    const { message, details } = failureOf('did not complete successfully', ['a', 'b']);

    expect(message).toMatch(/\(a \| b\)$/);
    expect(details).toMatchObject({ output: ['a', 'b'] });
  });
});
