import { z } from 'zod';
import type { SystemImage } from '../../domain/admission/allow-policy';
import { isNamespacePattern } from '../../domain/admission/namespaces';
import { isDigest } from '../../domain/digest';
import { ENVIRONMENTS } from '../../domain/reference';
import { classifyRepository, isRepositoryName } from '../../domain/registry/repository-class';
import { Duration } from './policy-duration';

const Namespaces = z
  .array(z.string().refine(isNamespacePattern, 'is not a namespace, such as shop-prod or *-prod'))
  .max(200);

const AnyEnvironment = z.array(z.enum(ENVIRONMENTS)).max(ENVIRONMENTS.length);
/** What was never observed in prod's traffic as a candidate does not run there. */
const NotProd = z.array(z.enum(['dev', 'stg'], 'only channels of prod let in to prod')).max(2);

const isOfService = (repository: string): boolean =>
  ['app', 'channel', 'chart'].includes(classifyRepository(repository, []).kind);

const SystemFile = z
  .strictObject({
    repository: z
      .string()
      .refine(isRepositoryName, 'is not a repository, such as mirror/pause')
      .refine((name) => !isOfService(name), 'is of a service: releases let its digests in'),
    digests: z
      .array(z.string().refine(isDigest, 'is not a digest: expected sha256: and 64 hex digits'))
      .min(1)
      .max(100),
  })
  .transform(({ repository, digests }): SystemImage => ({
    repository,
    digests: digests.filter(isDigest),
  }));

const AllowListFile = z
  .strictObject({
    namespaces: z.strictObject({ dev: Namespaces, stg: Namespaces, prod: Namespaces }),
    channels: z.strictObject({
      'dev:candidate': NotProd,
      'dev:stable': NotProd,
      'stg:candidate': NotProd,
      'stg:stable': NotProd,
      'prod:candidate': AnyEnvironment,
      'prod:stable': AnyEnvironment,
    }),
    rollbackWindow: z
      .strictObject({ maxAge: Duration, maxPins: z.int().min(1).max(1000) })
      .transform(({ maxAge, maxPins }) => ({ maxAgeMs: maxAge, maxPins })),
    maxGrant: Duration,
    system: z.array(SystemFile).max(200),
  })
  .transform(({ maxGrant, ...rest }) => ({ ...rest, maxGrantMs: maxGrant }));

export const AdmissionFile = z.strictObject({ allowList: AllowListFile });
