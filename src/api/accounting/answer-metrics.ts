import type {
  MetricsAnswer,
  MetricView,
  StorageGroupView,
  StorageView,
} from '../../contract/schema/api-metrics';
import {
  NO_GROUP,
  type Breakdown,
  type GroupFigures,
  type StorageSample,
} from '../../domain/accounting/figures';
import { growthOf, judgeGoal } from '../../domain/accounting/growth';
import {
  accountingPolicyOf,
  METRIC_WINDOW_MS,
  monthlyCost,
  type StoragePrices,
} from '../../domain/accounting/policy';
import {
  readStandard,
  STANDARD,
  type StandardMetric,
  type StoredCounts,
} from '../../domain/accounting/standard';
import { serviceOf } from '../../domain/registry/drift';
import { requireRepository } from '../checks/require-repository';
import type { ApiDependencies } from '../dependencies';

const DAY_MS = 86_400_000;
/** A month and what may stand in for its first day. */
const HISTORY_DAYS = 35;

type MetricsDependencies = Pick<
  ApiDependencies,
  'storageSamples' | 'ledgerFigures' | 'inventory' | 'policy' | 'now'
>;

interface Asked {
  readonly repo?: string | undefined;
  readonly by: Breakdown;
  readonly limit: number;
}

/** The standard's metrics and what is stored, of the registry or of one repository. */
export async function answerMetrics(
  deps: MetricsDependencies,
  { repo, by, limit }: Asked,
): Promise<MetricsAnswer> {
  const at = deps.now();
  const since = new Date(at.getTime() - METRIC_WINDOW_MS).toISOString();
  const sample = await deps.storageSamples.newest();
  const own = repo === undefined || !sample ? null : await groupOf(deps, sample, repo);
  if (repo !== undefined && !own) await requireRepository(deps, repo, 'repo');
  const ledger = await deps.ledgerFigures.count({
    since,
    // What belongs to no service has no releases: nothing is of that name.
    ...(repo !== undefined && { repository: repo, svc: serviceOf(repo) || NO_GROUP }),
  });
  const stored = repo === undefined ? (sample?.totals ?? null) : own && storedBy(own);
  const filter = repo === undefined ? { by } : { by: 'repository' as const, name: repo };
  return {
    at: at.toISOString(),
    windowDays: METRIC_WINDOW_MS / DAY_MS,
    repository: repo ?? null,
    metrics: readStandard(stored, ledger).map(viewMetric),
    storage: sample && (await viewStorage(deps, sample, { ...filter, limit })),
  };
}

async function groupOf(
  { storageSamples }: MetricsDependencies,
  { day }: StorageSample,
  name: string,
): Promise<GroupFigures | null> {
  const [group] = await storageSamples.groups(day, { by: 'repository', name, limit: 1 });
  return group ?? null;
}

/** A repository holds a digest once. */
function storedBy(group: GroupFigures): StoredCounts | null {
  const { images, manifests: digests, uniqueBytes, sharedBytes, reclaimableBytes } = group;
  return images && { images, digests, storageBytes: uniqueBytes + sharedBytes, reclaimableBytes };
}

function viewMetric({ name, samples, of, met }: StandardMetric): MetricView {
  const { unit, help, label = null, target = null } = STANDARD[name];
  return { name, unit, help, label, samples, of, target, met };
}

interface GroupFilter {
  readonly by: Breakdown;
  readonly name?: string;
  readonly limit: number;
}

async function viewStorage(
  { storageSamples, policy, now }: MetricsDependencies,
  { day, at, totals }: StorageSample,
  { limit, ...filter }: GroupFilter,
): Promise<StorageView> {
  const { prices, monthlyGoal } = accountingPolicyOf(policy);
  const from = new Date(now().getTime() - HISTORY_DAYS * DAY_MS).toISOString().slice(0, 10);
  const [days, groups] = await Promise.all([
    storageSamples.days(from),
    // One more than asked for says whether there are more.
    storageSamples.groups(day, { ...filter, limit: limit + 1 }),
  ]);
  const growth = growthOf(days);
  const monthly = monthlyCost(totals.storageBytes, prices);
  return {
    ...{ day, at, totals, growth, by: filter.by },
    goal: judgeGoal(growth, monthlyGoal),
    cost:
      prices && monthly !== null
        ? { currency: prices.currency, monthly, perGbMonth: prices.perGbMonth.registry }
        : null,
    groups: groups.slice(0, limit).map((group) => viewGroup(group, prices)),
    truncated: groups.length > limit,
  };
}

function viewGroup(group: GroupFigures, prices: StoragePrices | null): StorageGroupView {
  return { ...group, monthlyCost: monthlyCost(group.uniqueBytes, prices) };
}
