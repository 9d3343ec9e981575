import type {
  AllowFacts,
  ChannelPin,
  DigestHold,
  EvidenceFact,
} from '../../domain/admission/allow-facts';
import type { Denial, Grant } from '../../domain/admission/grant';
import type { Digest } from '../../domain/digest';
import { channelName, parseChannel, type ImageRef } from '../../domain/reference';
import type { Block } from '../../domain/registry/quarantine';
import { MAX_GRANTS, KEEPS_ONLY, MAX_HOLDS } from '../../ports/allow-list';
import type { Sql } from './database';
import { ABOVE_AND_BELOW } from './registry-family';
import { IS_OPEN } from './registry-quarantine';

/** Times in it are text with an offset, as Postgres writes them to JSON. */
export interface AllowFactsRow extends Omit<AllowFacts, 'revision' | 'quarantines'> {
  readonly revision: string;
  readonly quarantines: readonly Omit<Block, 'digest'>[];
}

const PINS = `
  SELECT pin.svc, pin.channel, coalesce(held.digest = $1, false) AS holds,
    coalesce(last.done_at, held.changed_at) AS "pinnedAt",
    CASE WHEN held.digest = $1 THEN NULL ELSE (
      SELECT next_one.done_at FROM channel_moves next_one
      WHERE next_one.svc = pin.svc AND next_one.channel = pin.channel AND next_one.state = 'done'
        AND next_one.done_order > last.done_order ORDER BY next_one.done_order LIMIT 1
    ) END AS "replacedAt",
    CASE WHEN held.digest = $1 THEN 0 ELSE (
      SELECT count(DISTINCT newer.next) FROM channel_moves newer
      WHERE newer.svc = pin.svc AND newer.channel = pin.channel AND newer.state = 'done'
        AND newer.done_order > last.done_order
    ) END AS "newerPins"
  FROM (
    SELECT svc, channel FROM channels WHERE digest = $1
    UNION
    SELECT svc, channel FROM channel_moves WHERE next = $1 AND state = 'done'
  ) pin
  LEFT JOIN channels held ON held.svc = pin.svc AND held.channel = pin.channel
  LEFT JOIN LATERAL (
    SELECT done_at, done_order FROM channel_moves move
    WHERE move.svc = pin.svc AND move.channel = pin.channel AND move.next = $1
      AND move.state = 'done' ORDER BY done_order DESC LIMIT 1
  ) last ON true
  ORDER BY pin.svc, pin.channel`;

// Not one condition with OR: it would have no index.
const EVIDENCE = `
  SELECT DISTINCT ON (gate) gate, outcome, at, release_id AS "releaseId", reasons
  FROM (
    SELECT verdicts.* FROM verdicts JOIN release_runs run USING (release_id, run_id)
    WHERE run.digest = $1 AND gate IN ('scan', 'signature', 'sbom', 'provenance')
    UNION ALL
    SELECT * FROM verdicts WHERE gate = 'scan' AND subject = $1 AND rescan
  ) one
  ORDER BY gate, id DESC`;

const GRANTS = `
  SELECT id, repository, digest, namespaces, environment, owner, reason,
    granted_by AS "grantedBy", granted_at AS "grantedAt", expires_at AS "expiresAt"
  FROM allow_grants
  WHERE digest = $1 AND repository = $2 AND revoked_at IS NULL
  ORDER BY expires_at DESC, ordinal DESC LIMIT ${2 * MAX_GRANTS}`;

const DENIALS = `
  SELECT digest, repository, reason, actor AS by, at FROM allow_denials
  WHERE lifted_at IS NULL AND digest IN (SELECT digest FROM family) ORDER BY id`;

const QUARANTINES = `
  SELECT digest AS cause, reason, cves, actor AS by, at, grace_until AS "graceUntil",
    expires_at AS "expiresAt"
  FROM quarantines WHERE ${IS_OPEN} AND digest IN (SELECT digest FROM family) ORDER BY id`;

// Ended ones last, so that none that counts is left out.
const HOLDS = `
  SELECT reason, actor AS by, at, expires_at AS until FROM digest_holds
  WHERE digest = $1 AND released_at IS NULL AND NOT starts_with(hold_id, '${KEEPS_ONLY}')
  ORDER BY (expires_at <= now()) IS TRUE, id LIMIT ${MAX_HOLDS}`;

const BAD = `
  SELECT svc, reason FROM bad_digests WHERE digest = $1 AND released_at IS NULL ORDER BY id`;

function rowsOf(select: string): string {
  return `(SELECT coalesce(jsonb_agg(to_jsonb(one)), '[]') FROM (${select}) one)`;
}

/** `$1` the digest, `$2` the repository. */
export const ALLOW_FACTS = `
  WITH RECURSIVE ${ABOVE_AND_BELOW},
    family (digest) AS (SELECT digest FROM above UNION SELECT digest FROM below)
  SELECT (SELECT revision FROM allow_list_revision) AS revision,
    ARRAY(
      SELECT repository FROM tags WHERE digest = $1 AND pending_since IS NULL
      UNION
      SELECT status ->> 'repository' FROM release_runs
      WHERE digest = $1 AND status ->> 'repository' IS NOT NULL
      ORDER BY 1
    ) AS homes,
    ${rowsOf(PINS)} AS pins, ${rowsOf(EVIDENCE)} AS evidence, ${rowsOf(GRANTS)} AS grants,
    ${rowsOf(DENIALS)} AS denials, ${rowsOf(QUARANTINES)} AS quarantines,
    ${rowsOf(HOLDS)} AS holds, ${rowsOf(BAD)} AS bad`;

function toTime(text: string): string {
  return new Date(text).toISOString();
}

function orNull(text: string | null): string | null {
  return text === null ? null : toTime(text);
}

function toPin(pin: ChannelPin): ChannelPin {
  const channel = channelName(parseChannel(pin.channel));
  return { ...pin, channel, pinnedAt: toTime(pin.pinnedAt), replacedAt: orNull(pin.replacedAt) };
}

function toGrant(grant: Grant): Grant {
  const { grantedAt, expiresAt } = grant;
  return { ...grant, grantedAt: toTime(grantedAt), expiresAt: toTime(expiresAt) };
}

function toHold(hold: DigestHold): DigestHold {
  return { ...withTime(hold), until: orNull(hold.until) };
}

function withTime<Fact extends Denial | EvidenceFact | DigestHold>(fact: Fact): Fact {
  return { ...fact, at: toTime(fact.at) };
}

/** Never: a SELECT without FROM has one row. It lets nothing in. */
const NOTHING_KNOWN: AllowFacts = {
  revision: 0,
  homes: [],
  pins: [],
  holds: [],
  grants: [],
  denials: [],
  quarantines: [],
  bad: [],
  evidence: [],
};

export function toAllowFacts(row: AllowFactsRow | null, digest: Digest): AllowFacts {
  if (!row) return NOTHING_KNOWN;
  return {
    revision: Number(row.revision),
    homes: row.homes,
    pins: row.pins.map(toPin),
    holds: row.holds.map(toHold),
    grants: row.grants.map(toGrant),
    denials: row.denials.map(withTime),
    quarantines: row.quarantines.map((block) => ({
      ...block,
      digest,
      at: toTime(block.at),
      graceUntil: orNull(block.graceUntil),
      expiresAt: orNull(block.expiresAt),
    })),
    bad: row.bad,
    evidence: row.evidence.map(withTime),
  };
}

/** One statement, so one snapshot: the revision is that of the facts. */
export async function readAllowFacts(
  sql: Sql,
  { repository, digest }: ImageRef,
): Promise<AllowFacts> {
  const [row] = await sql.query<AllowFactsRow>(ALLOW_FACTS, [digest, repository], 'allow-facts');
  return toAllowFacts(row ?? null, digest);
}
