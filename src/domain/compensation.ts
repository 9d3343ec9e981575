/**
 * How a compensation that threw is to be taken. `noted`: a newer writer owns the service and has set it
 * right itself (design, decision 17). Anything else needs a person.
 */
export function judgeCompensationError(code: string): 'noted' | 'failed' {
  return code === 'FENCED' ? 'noted' : 'failed';
}
