import type { GatewayDependencies } from '../../dependencies';
import type { Exchange, RouteOf } from '../../exchange';
import type { BackendAnswer } from '../push/registry-manifests';

export type DeleteDependencies = Pick<
  GatewayDependencies,
  'backend' | 'inventory' | 'leases' | 'holds' | 'cache' | 'policy' | 'metrics' | 'log' | 'now'
>;

export type ManifestExchange = Exchange<RouteOf<'manifest'>>;

export function isGone({ status }: BackendAnswer): boolean {
  return (status >= 200 && status < 300) || status === 404;
}
