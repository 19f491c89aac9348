/** What the system says of a program that it cannot start. */
import type { Diagnosis, Recogniser } from '../diagnosis';
import { said } from './said';

export const startWords: readonly Recogniser[] = [
  // ld.so(8)
  said(/error while loading shared libraries: (\S+): (.*)$/, ([library, reason], { instance }) => ({
    code: 'LIBRARY_MISSING',
    message: `${instance.emulator} cannot start: its library ${library ?? ''} does not load (${reason ?? ''}).`,
    hint: `Install the package the library is from: \`ldd ${instance.emulator}\` lists what is missing.`,
  })),
  said(/version `(\S+)' not found \(required by (\S+)\)/, ([version], { instance }) => ({
    code: 'LIBRARY_MISSING',
    message: `${instance.emulator} cannot start: it needs ${version ?? ''}, and the host's library is older.`,
    hint: 'It was built on a newer system: build it for this host, or bring its libraries along.',
  })),
  // timeout(1), sh(1)
  said(/(?:failed to run command .*|cannot execute): Permission denied$/, (_, { instance }) =>
    notExecutable(instance.emulator),
  ),
  said(/Could not access KVM kernel module: (.*)$/, ([reason], { instance }) => ({
    code: 'KVM_UNAVAILABLE',
    message: `${instance.name} cannot use KVM: /dev/kvm: ${reason ?? ''}.`,
    hint: 'Let the user that the target runs as open /dev/kvm (mostly by the group kvm).',
  })),
];

export function notExecutable(emulator: string): Diagnosis {
  return {
    code: 'EMULATOR_NOT_EXECUTABLE',
    message: `${emulator} may not be executed by the user that it is to run as.`,
    hint: `Make it executable (\`chmod +x\`), and let that user into its folder; a file system that is mounted noexec forbids it too.`,
  };
}
