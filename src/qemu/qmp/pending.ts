import { QmpError, type CallSite, type QmpErrorCode } from './errors';

export interface WaitOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}
