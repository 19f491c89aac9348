/**
 * Runs test/vscode/suite in VS Code for the desktop:
 *
 *   npm run test:electron             downloads VS Code
 *   npm run test:electron -- CODE     takes the one that is installed there
 *
 * CODE is VS Code's program or the folder that it lies in; the environment's SIDESTEP_VSCODE is asked
 * where it is not given. Without a display run it in `xvfb-run -a`.
 */
import { runTests } from '@vscode/test-electron';
import { existsSync, readFileSync } from 'node:fs';
import { repository } from '../../scripts/setup/cache.mjs';
import { installedCode } from './installed-code.mjs';
import { buildSuite } from './suite-bundle.mjs';
import { suiteEnvironment, withFolder } from './workbench.mjs';

const given = process.argv[2] ?? process.env['SIDESTEP_VSCODE'];

process.exitCode = await withFolder({}, async ({ folder, workspace, report }) => {
  try {
    return await runTests({
      ...(given !== undefined && { vscodeExecutablePath: installedCode(given) }),
      extensionDevelopmentPath: repository,
      extensionTestsPath: await buildSuite(),
      extensionTestsEnv: suiteEnvironment(report),
      // Nothing of the user's own VS Code.
      launchArgs: [
        workspace,
        ...['--user-data-dir', `${folder}/user`, '--extensions-dir', `${folder}/extensions`],
        '--disable-gpu',
      ],
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    if (given === undefined)
      console.error('Where VS Code cannot be downloaded, name an installed one.');
    return 1;
  } finally {
    if (existsSync(report)) console.log(readFileSync(report, 'utf8'));
  }
});
