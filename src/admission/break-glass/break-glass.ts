import type { AdmissionFault } from '../../domain/admission/fault';
import type { BreakGlassSettings } from '../../domain/admission/settings';
import type { Standing } from '../state/standing';
import type { AuditTrail } from './audit-trail';
import type { HourlyLimit } from './hourly-limit';

/** The annotation that asks for it; its value is the reason, and stands in the audit trail. */
export const BREAK_GLASS_ANNOTATION = 'plura.reg/break-glass';

export interface BreakGlassAsk {
  readonly uid: string;
  readonly namespace: string;
  /** `Deployment shop`, for people. */
  readonly what: string;
  readonly reason: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly images: readonly string[];
  /** All that speaks against it. */
  readonly faults: readonly AdmissionFault[];
  readonly dryRun: boolean;
}

export type BreakGlassAnswer =
  | { readonly granted: true; readonly warning: string }
  | { readonly granted: false; readonly why: string };

/** Lets in what could not be checked, never what was judged. */
export interface BreakGlass {
  ask(ask: BreakGlassAsk): Promise<BreakGlassAnswer>;
}

interface BreakGlassParts {
  readonly settings: BreakGlassSettings;
  readonly limit: HourlyLimit;
  readonly audit: Pick<AuditTrail, 'off' | 'record'>;
  readonly standing: Pick<Standing, 'last'>;
  readonly now: () => Date;
}

const MIN_REASON = 10;
const MAX_REASON = 500;
const MAX_IMAGES = 100;

/** Why it is not for this person or this case; null when it may be. */
function refuse(settings: BreakGlassSettings, ask: BreakGlassAsk): string | null {
  const { reason, user, groups, faults } = ask;
  const uncovered = faults.find(
    ({ unknown }) => unknown === undefined || !settings.covers.includes(unknown),
  );
  if (uncovered) return `break-glass does not cover [${uncovered.rule}]`;
  if (reason.trim().length < MIN_REASON || reason.length > MAX_REASON) {
    return `break-glass needs a reason of ${MIN_REASON} to ${MAX_REASON} characters`;
  }
  const isEntitled =
    settings.users.includes(user) || groups.some((group) => settings.groups.includes(group));
  return isEntitled ? null : `${user || 'an unnamed user'} may not break the glass`;
}

export function createBreakGlass({
  settings,
  limit,
  audit,
  standing,
  now,
}: BreakGlassParts): BreakGlass {
  async function record(ask: BreakGlassAsk): Promise<void> {
    const { uid, namespace, what, reason, user, groups, images, faults } = ask;
    const entry = {
      at: now().toISOString(),
      actor: user,
      action: 'admission.break-glass',
      svc: 'admission',
      subject: `${namespace}/${what}`,
      details: {
        reason,
        groups: groups.filter((group) => settings.groups.includes(group)),
        images: images.slice(0, MAX_IMAGES),
        faults: [...new Set(faults.map(({ message }) => message))],
      },
    };
    await audit.record(entry, `admission/break-glass/${uid}`);
  }

  return {
    ask: async (ask) => {
      const why = refuse(settings, ask);
      if (why !== null) return { granted: false, why };
      if (audit.off !== null) return { granted: false, why: `break-glass is off: ${audit.off}` };
      // Nothing says then that the image is not quarantined or denied, or its key revoked.
      if (standing.last() === null) {
        return { granted: false, why: 'break-glass needs the quarantines, read once at least' };
      }
      const warning = `admitted unchecked by break-glass: ${ask.reason}`;
      // A dry run admits nothing, so it is not written down and uses nothing up.
      if (ask.dryRun) return { granted: true, warning };
      if (!limit.take(ask.namespace)) {
        return {
          granted: false,
          why: `break-glass was used ${settings.perHour} times in ${ask.namespace} within an hour`,
        };
      }
      try {
        await record(ask);
      } catch {
        limit.giveBack(ask.namespace);
        return { granted: false, why: 'break-glass could not be written to the audit trail' };
      }
      return { granted: true, warning };
    },
  };
}
