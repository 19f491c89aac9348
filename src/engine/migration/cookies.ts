/**
 * The documents that the two sides hand each other between the phases. They stand in the journal, so
 * that whoever comes after us can go on from them.
 */
import * as v from 'valibot';
import { modes } from '../mode';
import type { Plan } from '../plan/plan';
import { DomainSchema, InstanceSchema, StartedInstanceSchema } from '../state/records';

/** What Begin finds at the source and hands to Prepare. */
export const SourceCookieSchema = v.object({
  /** As it was before. */
  domain: DomainSchema,
  instance: StartedInstanceSchema,
  /** QEMU's RunState, which the guest is to have again at the target. */
  runState: v.string(),
});
export type SourceCookie = v.InferOutput<typeof SourceCookieSchema>;

export const TakeBackSchema = v.variant('by', [
  v.object({ by: v.literal('rename'), what: v.string(), from: v.string(), to: v.string() }),
  v.object({
    by: v.literal('qmp'),
    what: v.string(),
    to: v.string(),
    command: v.string(),
    arguments: v.record(v.string(), v.unknown()),
  }),
  v.object({
    by: v.literal('hmp'),
    what: v.string(),
    to: v.string(),
    commandLine: v.string(),
    inverse: v.exactOptional(v.string()),
    success: v.exactOptional(v.string()),
  }),
]);

/** What Prepare sets up at the target, of which Perform, Finish and Confirm make use. */
export const TargetCookieSchema = v.object({
  instance: InstanceSchema,
  mode: v.picklist(modes),
  takeBacks: v.array(TakeBackSchema),
  /** The definition as it is to be from then on. */
  definition: v.array(v.string()),
  /** Guest RAM files that the target has of its own, where the source has another. */
  ramMoves: v.array(v.object({ from: v.string(), to: v.string() })),
  /** Network interfaces made for it. */
  taps: v.optional(v.array(v.string()), []),
});
export type TargetCookie = v.InferOutput<typeof TargetCookieSchema>;

/** What of a plan is of use once the target is started. */
export function targetCookie(instance: TargetCookie['instance'], plan: Plan): TargetCookie {
  return {
    instance,
    mode: plan.mode,
    takeBacks: [...plan.takeBacks],
    definition: [...plan.definition],
    taps: plan.taps.map(({ device }) => device),
    ramMoves: plan.resources.flatMap(({ kind, action, source, target }) =>
      kind === 'ram' && action === 'unique' && source !== undefined && target !== undefined
        ? { from: source, to: target }
        : [],
    ),
  };
}

/** Files outside its folder that only the target has: to be removed if it comes to nothing. */
export function filesOfTarget({ ramMoves, takeBacks }: TargetCookie): string[] {
  const listeners = takeBacks.flatMap((each) => (each.by === 'rename' ? each.from : []));
  return [...ramMoves.map(({ to }) => to), ...listeners];
}
