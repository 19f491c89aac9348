import assert from 'node:assert/strict';
import { pageHtml } from '../../../src/views/timeline-panel/page-html';

const parts = {
  script: 'https://host/dist/timeline.js',
  style: 'https://host/dist/timeline.css',
  cspSource: 'https://host',
  language: 'en',
  start: { trace: { hostId: 'local', path: '/a' }, texts: {} },
};

function policyOf(html: string): string {
  return /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
}

describe("the frame of the timeline's page", () => {
  it('allows its own script and style sheet, and nothing else', () => {
    const policy = policyOf(pageHtml(parts));
    assert.match(
      policy,
      /^default-src 'none'; script-src 'nonce-[\w+/=]{24}'; style-src https:\/\/host 'nonce-[\w+/=]{24}'$/,
    );
    assert.doesNotMatch(policy, /unsafe/);
  });

  it('has another nonce each time, and not the same for scripts and styles', () => {
    const nonces = [1, 2].flatMap(() => [...policyOf(pageHtml(parts)).matchAll(/nonce-([^']+)/g)]);
    assert.equal(new Set(nonces.map(([, nonce]) => nonce)).size, 4);
  });

  it('keeps hostile names within its attributes', () => {
    const path = `/x"><img src=x onerror=alert(1)> & '`;
    const html = pageHtml({ ...parts, start: { trace: { hostId: '</body>', path }, texts: {} } });
    assert.doesNotMatch(html, /<img|<\/body>.*<script/s);
    const start = /data-start="([^"]*)"/.exec(html)?.[1] ?? '';
    const text = start.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
    assert.deepEqual(JSON.parse(text), { trace: { hostId: '</body>', path }, texts: {} });
  });
});
