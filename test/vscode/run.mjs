/**
 * Runs test/vscode/suite in the extension host of a real VS Code. The exit status is the suite's
 * verdict.
 */
import { existsSync, readFileSync } from 'node:fs';
import { format } from 'node:util';
import { windowUrl } from './client.mjs';
import { buildSuite } from './suite-bundle.mjs';
import { withWorkbench } from './workbench.mjs';

const limitMs = 600_000;
const suite = await buildSuite();

process.exitCode = await withWorkbench({}, async ({ workspace, report, page, server }) => {
  /** @type {string[]} */
  const consoleLines = [];
  const verdict = new Promise((resolve, reject) => {
    setTimeout(() => {
      reject(new Error(`VS Code gave no verdict within ${limitMs / 1000} s`));
    }, limitMs).unref();
    page.on('crash', () => {
      reject(new Error('The page of VS Code has crashed'));
    });
    void page.exposeFunction('codeAutomationLog', (/** @type {unknown[]} */ ...args) => {
      consoleLines.push(format(...args));
    });
    void page.exposeFunction('codeAutomationExit', (/** @type {number} */ code) => {
      resolve(code);
    });
  });
  try {
    await page.goto(windowUrl(server.port, workspace, suite));
    return await verdict;
  } finally {
    // What the suite itself says; if it did not come to that, what VS Code says.
    if (existsSync(report)) console.log(readFileSync(report, 'utf8'));
    else console.log([...server.output, ...consoleLines].join('\n'));
  }
});
