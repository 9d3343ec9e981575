import { mirrorOf, sourceName, type BaseFamily } from '../src/domain/bases/family';
import { judgeOffer } from '../src/domain/bases/pins';
import { mirrorTag, newestTag, versionOf } from '../src/domain/bases/versions';
import type { BaseVendor } from '../src/ports/base-vendors';
import type { BaseImportDeps, Refusal, ResolveBaseInput, ResolvedBase, Step } from './base-import';
import { refused, refusing } from './base-import-refusal';
import { heartbeating } from './heartbeat';

async function findTag(
  vendor: Pick<BaseVendor, 'listTags'>,
  { channel, source }: BaseFamily,
): Promise<string | null> {
  if (channel.kind === 'tag') return channel.tag;
  return newestTag(await vendor.listTags(source.repository), channel.pattern);
}

/** What the vendor offers by now, and whether that may replace what is held. */
export function resolveBase(
  deps: BaseImportDeps,
  { family, allowOlder, at }: ResolveBaseInput,
): Promise<Step<ResolvedBase>> {
  const { name, source, channel } = family;
  const { repository } = source;
  const vendor = deps.baseVendors.at(source.host);
  const nothing = (what: string): Refusal =>
    refused(`${sourceName(source)} has no tag ${what}`, 'check source and channel of the family');
  return heartbeating(() =>
    refusing<ResolvedBase>(async () => {
      const sourceTag = await findTag(vendor, family);
      if (sourceTag === null) {
        return nothing(`of ${channel.kind === 'newest' ? channel.pattern : ''}`);
      }
      const found = await vendor.resolve(repository, sourceTag);
      if (!found) return nothing(sourceTag);
      const { digest } = found;
      const version =
        channel.kind === 'newest'
          ? sourceTag
          : versionOf((await vendor.getImageConfig({ repository, digest })).labels, sourceTag);
      const held = await deps.baseCatalogue.list(name);
      const decision = judgeOffer({ version, digest }, held, allowOlder);
      if (decision.kind === 'refused') return refused(decision.reason, decision.remedy);
      const tag = mirrorTag(version, at);
      const taken = await deps.custodian.resolve(mirrorOf(name), tag);
      if (decision.kind === 'new' && taken && taken.digest !== digest) {
        return refused(
          `${mirrorOf(name)}:${tag} is ${taken.digest} already, and tags are written once`,
          'the vendor published it twice today: import it tomorrow',
        );
      }
      return {
        ok: true,
        value: { version, digest, sourceTag, tag, held: decision.kind === 'held' },
      };
    }),
  );
}
