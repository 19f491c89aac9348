/** Options that say how a QEMU is started: the engine's to set. */
import { resource, verdict, type Rule } from '../verdict';

export const startup: Rule = (option) =>
  verdict(option, {
    target: [],
    definition: [],
    resources: [
      resource(option, {
        kind: 'startup',
        action: 'drop',
        source: option.value,
        target: undefined,
        reason: 'how an instance is started is for the engine to say',
      }),
    ],
  });
