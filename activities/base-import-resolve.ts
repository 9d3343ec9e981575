import { mirrorOf, sourceName, type BaseFamily } from '../src/domain/bases/family';
import { judgeOffer } from '../src/domain/bases/pins';
import { mirrorTag, newestTag, versionOf } from '../src/domain/bases/versions';
import type { Digest } from '../src/domain/digest';
import type { BaseVendor } from '../src/ports/base-vendors';
import type { BaseImportDeps, ResolveBaseInput, ResolvedBase, Step } from './base-import';
import { refused, refusing } from './base-import-refusal';
import { isSignedBase } from './bases';
import { heartbeating } from './heartbeat';

interface Offer {
  readonly tag: string;
  readonly version: string;
  readonly digest: Digest;
}

/** What tag or newest version of the pattern point at by now; null when there is none. */
async function readOffer(
  vendor: Pick<BaseVendor, 'getImageConfig' | 'listTags' | 'resolve'>,
  { channel, source: { repository } }: BaseFamily,
): Promise<Offer | null> {
  const newest =
    channel.kind === 'newest'
      ? newestTag(await vendor.listTags(repository), channel.pattern)
      : { tag: channel.tag, version: null };
  const found = newest && (await vendor.resolve(repository, newest.tag));
  if (!found) return null;
  const { tag, version } = newest;
  const { digest } = found;
  if (version !== null) return { tag, version, digest };
  const { labels } = await vendor.getImageConfig({ repository, digest });
  return { tag, version: versionOf(labels, tag), digest };
}

async function judge(
  deps: BaseImportDeps,
  { family, allowOlder, transparencyLog, at }: ResolveBaseInput,
  { tag: sourceTag, version, digest }: Offer,
): Promise<Step<ResolvedBase>> {
  const repository = mirrorOf(family.name);
  const held = await deps.baseCatalogue.list(family.name);
  const decision = judgeOffer({ version, digest }, held, allowOlder);
  if (decision.kind === 'refused') return refused(decision.reason, decision.remedy);
  const signing = { registry: deps.custodian, signer: deps.signer };
  // Builds refuse what the custodian's key of today did not sign: then it is brought in, and signed, anew.
  const isHeld =
    decision.kind === 'held' &&
    (await isSignedBase(signing, { repository, digest }, transparencyLog === 'required'));
  const tag = mirrorTag(version, at);
  const taken = await deps.custodian.resolve(repository, tag);
  if (!isHeld && taken && taken.digest !== digest) {
    return refused(
      `${repository}:${tag} is ${taken.digest} already, and tags are written once`,
      'the vendor published it twice today: import it tomorrow',
    );
  }
  return { ok: true, value: { version, digest, sourceTag, tag, held: isHeld } };
}

/** What the vendor offers by now, and whether that may replace what is held. */
export function resolveBase(
  deps: BaseImportDeps,
  input: ResolveBaseInput,
): Promise<Step<ResolvedBase>> {
  const { source, channel } = input.family;
  const vendor = deps.baseVendors.at(source.host);
  return heartbeating(() =>
    refusing<ResolvedBase>(async () => {
      const offer = await readOffer(vendor, input.family);
      if (offer) return judge(deps, input, offer);
      const what = channel.kind === 'tag' ? channel.tag : `of ${channel.pattern}`;
      return refused(
        `${sourceName(source)} has no tag ${what}`,
        'check source and channel of the family',
      );
    }),
  );
}
