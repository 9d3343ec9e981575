import { BaseList, BaseQuery, type FamilyView } from '../../../contract/schema/api-base';
import { basesPolicyOf, mirrorOf, sourceName, type BaseFamily } from '../../../domain/bases/family';
import type { ImportedBase } from '../../../ports/base-catalogue';
import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { answers } from '../answers';

function viewOf(family: BaseFamily, bases: readonly ImportedBase[]): FamilyView {
  const { name, source, channel, signature } = family;
  const newest = bases.find(
    (base) => base.repository === mirrorOf(name) && base.withdrawnAt === null,
  );
  return {
    name,
    source: sourceName(source),
    channel: channel.kind === 'tag' ? channel.tag : channel.pattern,
    signature: signature.kind,
    newest: newest ?? null,
  };
}

export function registerListBases(app: Api, deps: ApiDependencies): void {
  app.get(
    '/v1/registry/bases',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Families of bases, and what was imported of them',
        querystring: BaseQuery,
        response: answers({ 200: BaseList }),
      },
    },
    async ({ query: { family } }) => {
      const bases = await deps.baseCatalogue.list(family);
      const families = basesPolicyOf(deps.policy).families.filter(
        ({ name }) => family === undefined || name === family,
      );
      return { families: families.map((one) => viewOf(one, bases)), bases };
    },
  );
}
