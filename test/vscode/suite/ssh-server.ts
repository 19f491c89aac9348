/** A real sshd for a suite, which the user's SSH configuration knows. */
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSshd, type Sshd, type SshdOptions } from '../../support/sshd';
import { set } from './extension';

export class SuiteSshd {
  #sshd: Sshd | undefined;

  /**
   * To be called in a `describe`. While its tests run, the user's SSH configuration is one that has
   * this server under a name, and no other.
   */
  static forSuite(
    name: string,
    { options, lines }: { options?: SshdOptions; lines?: () => readonly string[] } = {},
  ): SuiteSshd {
    const suite = new SuiteSshd();
    const { PATH: path, HOME: home, TMPDIR: temporary } = process.env;
    before(async () => {
      // Not in the folder of VS Code's server, which other users do not get into.
      process.env['TMPDIR'] = '/tmp';
      const sshd = await startSshd(options);
      process.env['TMPDIR'] = temporary;
      suite.#sshd = sshd;
      const config = await sshd.writeConfig(name, lines?.());
      mkdirSync(join(sshd.folder, '.ssh'));
      copyFileSync(config, join(sshd.folder, '.ssh/config'));
      // OpenSSH looks for its configuration in the home that the system knows.
      const programs = join(sshd.folder, 'bin');
      mkdirSync(programs);
      writeFileSync(join(programs, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`);
      chmodSync(join(programs, 'ssh'), 0o755);
      process.env['PATH'] = `${programs}:${path ?? ''}`;
      process.env['HOME'] = sshd.folder;
    });
    after(async () => {
      await set('hosts', undefined);
      process.env['PATH'] = path;
      process.env['HOME'] = home;
      await suite.#sshd?.stop();
    });
    return suite;
  }

  get server(): Sshd {
    if (this.#sshd === undefined) throw new Error('It is not started yet');
    return this.#sshd;
  }
}
