import { z } from 'zod';
import type { BasesPolicy, BaseSource } from '../../domain/bases/family';
import { isVersionPattern } from '../../domain/bases/versions';
import { isRepositoryName } from '../../domain/registry/repository-class';

const FAMILY = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;
const HOST =
  /^(?:localhost|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+)(?::\d{1,5})?$/;

/** `{host}/{repository}`: without a host nobody could tell whose it is. */
const Source = z
  .string()
  .max(300)
  .transform((text, context): BaseSource => {
    const slash = text.indexOf('/');
    const host = text.slice(0, Math.max(slash, 0));
    const repository = text.slice(slash + 1);
    if (HOST.test(host) && isRepositoryName(repository)) return { host, repository };
    context.addIssue(`"${text}" is not {host}/{repository}, such as docker.io/library/alpine`);
    return z.NEVER;
  });

const TrustFile = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'is not the name of a file in the folder of trust');

const ChannelFile = z.union([
  z
    .strictObject({ tag: z.string().regex(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/, 'is not a tag') })
    .transform(({ tag }) => ({ kind: 'tag' as const, tag })),
  z
    .strictObject({
      newest: z.string().max(60).refine(isVersionPattern, 'is not a pattern such as 3.22.x'),
    })
    .transform(({ newest }) => ({ kind: 'newest' as const, pattern: newest })),
]);

const Text = z.string().min(1).max(500);

const SignatureFile = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cosign-keyless'),
    identity: Text,
    issuer: Text,
    trustedRoot: TrustFile,
  }),
  z.strictObject({ kind: z.literal('cosign-key'), key: TrustFile }),
  z.strictObject({
    kind: z.literal('gpg-simple'),
    keys: z.array(TrustFile).min(1).max(10),
    store: z.url({ protocol: /^https?$/ }).max(300),
    signedAs: Source.transform(({ host, repository }) => `${host}/${repository}`).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('approval') }),
]);

const FamilyFile = z.strictObject({
  name: z.string().max(60).regex(FAMILY, 'is not a name such as static-debian13'),
  source: Source,
  channel: ChannelFile,
  signature: SignatureFile,
});

export const BasesFile = z
  .strictObject({ families: z.array(FamilyFile).max(100) })
  .refine(
    ({ families }) => new Set(families.map(({ name }) => name)).size === families.length,
    'two families have the same name',
  ) satisfies z.ZodType<BasesPolicy>;
