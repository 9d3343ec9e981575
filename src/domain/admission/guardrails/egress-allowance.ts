import type { Labels } from '../../labels';
import { isWithin } from './cidr';
import { selectsOnly, type LabelSelector } from './label-selector';
import type { EgressPeer, EgressPort, EgressRule } from './network-policy';

/** Somewhere that pods may send to. */
export interface EgressAllowance {
  readonly to:
    | { readonly cidrs: readonly string[] }
    | {
        /** `same`: the pod's own. By labels otherwise: `{}` is every namespace. */
        readonly namespace: 'same' | Labels;
        /** `{}` is every pod there. */
        readonly pods: Labels;
      };
  /** Empty: any port. */
  readonly ports: readonly AllowedPort[];
}

export interface AllowedPort {
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** A number, or the name of a port of the destination. */
  readonly port: number | string;
  /** The last one of a range that begins at `port`. */
  readonly endPort?: number;
}

const EVERYTHING: LabelSelector = { matchLabels: {}, matchExpressions: [] };
const ANY_PORT: readonly (EgressPort | null)[] = [null];

/** Whether every destination of the rule is allowed on every port that the rule opens. */
export function isAllowed(rule: EgressRule, allowances: readonly EgressAllowance[]): boolean {
  const ports = rule.ports.length === 0 ? ANY_PORT : rule.ports;
  return (
    rule.to.length > 0 &&
    rule.to.every((peer) => {
      const reached = allowances.filter((allowance) => holdsPeer(allowance, peer));
      return ports.every((port) => reached.some((allowance) => holdsPort(allowance, port)));
    })
  );
}

function holdsPeer({ to }: EgressAllowance, peer: EgressPeer): boolean {
  if (peer.cidr !== null) {
    const { cidr } = peer;
    return 'cidrs' in to && to.cidrs.some((block) => isWithin(cidr, block));
  }
  // A kind of peer that we don't know has neither selector.
  if ('cidrs' in to || (peer.namespaceSelector ?? peer.podSelector) === null) return false;
  const isThere =
    to.namespace === 'same'
      ? peer.namespaceSelector === null
      : peer.namespaceSelector !== null && selectsOnly(peer.namespaceSelector, to.namespace);
  return isThere && selectsOnly(peer.podSelector ?? EVERYTHING, to.pods);
}

function holdsPort({ ports }: EgressAllowance, opened: EgressPort | null): boolean {
  if (ports.length === 0) return true;
  if (opened === null || opened.port === null) return false;
  const { protocol, port, endPort } = opened;
  return ports.some((allowed) => {
    if (allowed.protocol !== protocol) return false;
    return typeof port === 'number' && typeof allowed.port === 'number'
      ? port >= allowed.port && (endPort ?? port) <= (allowed.endPort ?? allowed.port)
      : port === allowed.port;
  });
}
