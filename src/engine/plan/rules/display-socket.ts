/** A display on a unix socket, which the target listens on under another name until the source is gone. */
import type { Option } from '../../../qemu/commandline/commandline';
import { resource, type Remarks } from '../verdict';

export function renamedSocket(
  option: Option,
  { what, listener, path }: { what: string; listener: string; path: string },
): Partial<Remarks> {
  return {
    resources: [
      resource(option, {
        kind: 'display',
        action: 'take-back',
        source: path,
        target: listener,
        reason: 'a listener of its own for the overlap, renamed once the source is gone',
      }),
    ],
    takeBacks: [{ by: 'rename', what, from: listener, to: path }],
  };
}
