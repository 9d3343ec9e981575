export const HOLDS = '/v1/registry/holds';
