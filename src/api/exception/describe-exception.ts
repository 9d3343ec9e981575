import type { ExceptionView } from '../../contract/schema/api-exception';
import { endMsOf, stateOf, type Exception } from '../../domain/exceptions/exception';
import { describeLeft } from '../../domain/exceptions/expiry';

export function describeException(exception: Exception, now: Date): ExceptionView {
  const { vulnerabilityId, packageName, packageVersion, ...rest } = exception;
  const nowMs = now.getTime();
  const state = stateOf(exception, nowMs);
  const leftMs = state === 'approved' ? endMsOf(exception) - nowMs : 0;
  return {
    ...rest,
    state,
    vulnerability: vulnerabilityId,
    package: packageName,
    version: packageVersion,
    secondsLeft: Math.max(0, Math.ceil(leftMs / 1000)),
    left: state === 'approved' ? describeLeft(endMsOf(exception), nowMs) : '',
  };
}
