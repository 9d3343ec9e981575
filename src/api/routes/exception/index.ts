import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { registerApproveException } from './approve';
import { registerGetException } from './get';
import { registerListExceptions } from './list';
import { registerRequestException } from './request';
import { registerRevokeException } from './revoke';

export function registerExceptionRoutes(app: Api, deps: ApiDependencies): void {
  registerListExceptions(app, deps);
  registerRequestException(app, deps);
  registerGetException(app, deps);
  registerApproveException(app, deps);
  registerRevokeException(app, deps);
}
