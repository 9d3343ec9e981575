import type { Api } from '../api';
import type { ApiDependencies } from '../dependencies';
import { registerAddDenial } from './denial/add';
import { registerLiftDenial } from './denial/lift';
import { registerListDenials } from './denial/list';
import { registerAddGrant } from './grant/add';
import { registerListGrants } from './grant/list';
import { registerRevokeGrant } from './grant/revoke';
import { registerAddHold } from './hold/add';
import { registerListHolds } from './hold/list';
import { registerReleaseHold } from './hold/release';
import { registerListKeys } from './key/list';
import { registerRevokeKey } from './key/revoke';
import { registerGetRescans } from './rescan/get';
import { registerRunRescan } from './rescan/run';
import { registerWhy } from './why/get';

/** What may run: grants, denials, holds, rescans, and keys that verify. */
export function registerAdmissionRoutes(app: Api, deps: ApiDependencies): void {
  registerAddGrant(app, deps);
  registerListGrants(app, deps);
  registerRevokeGrant(app, deps);
  registerAddDenial(app, deps);
  registerListDenials(app, deps);
  registerLiftDenial(app, deps);
  registerAddHold(app, deps);
  registerListHolds(app, deps);
  registerReleaseHold(app, deps);
  registerWhy(app, deps);
  registerRunRescan(app, deps);
  registerGetRescans(app, deps);
  registerListKeys(app, deps);
  registerRevokeKey(app, deps);
}
