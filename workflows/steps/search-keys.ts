import { defineSearchAttributeKey } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes';

export const SEARCH_KEYS = {
  service: defineSearchAttributeKey(SEARCH_ATTRIBUTES.service, 'KEYWORD'),
  digest: defineSearchAttributeKey(SEARCH_ATTRIBUTES.digest, 'KEYWORD'),
  stage: defineSearchAttributeKey(SEARCH_ATTRIBUTES.stage, 'KEYWORD'),
  verdict: defineSearchAttributeKey(SEARCH_ATTRIBUTES.verdict, 'KEYWORD'),
};
