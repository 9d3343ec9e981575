export const DENIALS = '/v1/registry/denials';
