import { defineCommand } from '../command';
import { cancellable } from '../interrupt';
import { startedResult } from './started';

export const adopt = defineCommand({
  name: 'adopt',
  summary: 'Take in a QEMU that was started by hand, as a domain',
  operands: ['PID|SOCKET'],
  options: {
    name: { value: 'NAME', help: "the domain's name, by default the one QEMU was given" },
    cwd: {
      value: 'DIR',
      help: 'where the process was started, for its relative paths; a -daemonize hides it',
    },
  },
  help: `Give the pid of the QEMU process, or the path of its QMP socket. Nothing of the process is
changed. It needs a QMP monitor on a unix socket that no other client holds.`,
  async run({ values, operands: [process = ''] }, context) {
    const which = /^\d+$/.test(process)
      ? { pid: Number(process) }
      : { socket: context.path(process) };
    const cwd = values.cwd === undefined ? undefined : context.path(values.cwd);
    const engine = await context.engine();
    const adopted = await cancellable((signal) =>
      engine.adopt({ ...which, name: values.name, cwd, signal }),
    );
    return startedResult(adopted);
  },
});
