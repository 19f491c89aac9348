/**
 * What the timeline's page and its host side say to each other. Each side parses what it hears: the
 * page's messages come from a sandbox, the host's from a version that may be another one.
 */
import * as v from 'valibot';
import { TraceRecordSchema } from '../../engine/trace/record';

/** Written into the page's frame: what its script is to know before anything is said to it. */
export const PageStartSchema = v.object({
  /** Kept by the page in its state, so that a panel can be restored from it. */
  trace: v.object({ hostId: v.string(), path: v.string() }),
  /** By the English text; empty where that is the user's language. */
  texts: v.record(v.string(), v.string()),
});
export type PageStart = v.InferOutput<typeof PageStartSchema>;

/** Whole snapshots and appends, never half states. */
export const ToPageSchema = v.variant('type', [
  /** All that is known of the trace now; what was drawn before is forgotten. */
  v.object({
    type: v.literal('snapshot'),
    /** The host's name, as the user calls it. */
    host: v.string(),
    path: v.string(),
    records: v.array(TraceRecordSchema),
  }),
  /** The trace has grown. */
  v.object({ type: v.literal('append'), records: v.array(TraceRecordSchema) }),
  /** The trace cannot be read (any further): why, and what to do. What is drawn stays. */
  v.object({ type: v.literal('problem'), message: v.string(), hint: v.optional(v.string()) }),
  /** A request of the page failed. */
  v.object({ type: v.literal('failed'), request: v.number(), message: v.string() }),
  v.object({ type: v.literal('done'), request: v.number() }),
]);

const request = { request: v.number() };

export const FromPageSchema = v.variant('type', [
  /** The page listens from now on: it wants a snapshot. */
  v.object({ type: v.literal('ready') }),
  /** `text` as a read-only document. */
  v.object({
    ...request,
    type: v.literal('open-document'),
    title: v.string(),
    language: v.picklist(['json', 'plaintext']),
    text: v.string(),
  }),
  v.object({ ...request, type: v.literal('copy'), text: v.string() }),
  /** Puts a command on the line of the QMP console of the trace's domain; the user sends it. */
  v.object({ ...request, type: v.literal('send-again'), command: v.string() }),
  /** What the page could not do by a fault of ours: for the log. */
  v.object({ type: v.literal('page-error'), message: v.string() }),
]);

export type ToPage = v.InferOutput<typeof ToPageSchema>;
export type FromPage = v.InferOutput<typeof FromPageSchema>;
