/** The frame of the timeline's page. What is in it is drawn by its script. */
import { randomBytes } from 'node:crypto';
import type { PageStart } from '../timeline/protocol';

export interface PageParts {
  /** Addresses of the script and of the style sheet within the webview. */
  readonly script: string;
  readonly style: string;
  /** Where the webview lets resources come from. */
  readonly cspSource: string;
  /** Of the user's language, as `<html lang>` wants it. */
  readonly language: string;
  readonly start: PageStart;
}

/**
 * The toolkit finds out by a style sheet of its own, which it gives the nonce it finds in the head,
 * what the browser can; all its other styles, and uPlot's, are no inline ones to the policy.
 */
export function pageHtml({ script, style, cspSource, language, start }: PageParts): string {
  const scriptNonce = nonce();
  const styleNonce = nonce();
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${scriptNonce}'`,
    `style-src ${cspSource} 'nonce-${styleNonce}'`,
  ].join('; ');
  return `<!doctype html>
<html lang="${escapeAttribute(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeAttribute(policy)}">
<meta property="csp-nonce" content="${styleNonce}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escapeAttribute(style)}">
<title>Sidestep</title>
</head>
<body data-start="${escapeAttribute(JSON.stringify(start))}">
<script type="module" nonce="${scriptNonce}" src="${escapeAttribute(script)}"></script>
</body>
</html>
`;
}

function nonce(): string {
  return randomBytes(18).toString('base64');
}

function escapeAttribute(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
